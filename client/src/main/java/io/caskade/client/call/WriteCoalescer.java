package io.caskade.client.call;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Coalesces the calls that callers make while one message's replies are delivered to them: when all have been
/// delivered, each node gets one message instead of one for each call.
///
/// Confined to the thread that runs it.
final class WriteCoalescer {

    private static final ThreadLocal<@Nullable WriteCoalescer> CURRENT = new ThreadLocal<>();

    private final List<PipelineStream> deferred = new ArrayList<>();

    private WriteCoalescer() {}

    /// Delivers replies; then every stream that was deferred meanwhile writes.
    static void run(Runnable deliverReplies) {
        WriteCoalescer coalescer = new WriteCoalescer();
        CURRENT.set(coalescer);
        try {
            deliverReplies.run();
        } finally {
            CURRENT.remove();
            coalescer.deferred.forEach(PipelineStream::write);
        }
    }

    /// Defers a stream's write until the calling thread has delivered its replies.
    ///
    /// @return false when the calling thread is not delivering any
    static boolean defer(PipelineStream stream) {
        WriteCoalescer coalescer = CURRENT.get();
        if (coalescer == null) {
            return false;
        }
        if (!coalescer.deferred.contains(stream)) {
            coalescer.deferred.add(stream);
        }
        return true;
    }
}
