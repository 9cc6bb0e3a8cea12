package io.caskade.client;

import io.caskade.api.CausalContext;
import java.util.concurrent.atomic.AtomicReference;

/// Keeps the causal context of one user across operations, so that its reads may go to any replica and still
/// show its own writes (read your writes), never go back (monotonic reads), and see what its writes rested on
/// (writes follow reads). [CaskadeClient#inSession(CausalSession)] gives a client that uses it.
///
/// What happens in other sessions is seen some time later. To pass on what was seen, pass on the [#context()]
/// and [#merge(CausalContext)] it there: Caskade keeps none with its records. Writes whose outcome is unknown
/// are not covered.
///
/// Thread-safe. Operations that run at the same time each cover what had ended before they began.
public final class CausalSession {

    private final AtomicReference<CausalContext> context;

    /// A session that has seen nothing.
    public CausalSession() {
        this(CausalContext.EMPTY);
    }

    /// A session that continues another, perhaps of another process.
    public CausalSession(CausalContext start) {
        this.context = new AtomicReference<>(start);
    }

    /// All that was seen so far.
    public CausalContext context() {
        return context.get();
    }

    /// Adds what was seen elsewhere: later reads do not fall behind it.
    public void merge(CausalContext seen) {
        context.accumulateAndGet(seen, CausalContext::merge);
    }
}
