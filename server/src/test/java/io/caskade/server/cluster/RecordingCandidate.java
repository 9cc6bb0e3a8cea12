package io.caskade.server.cluster;

import static org.awaitility.Awaitility.await;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Keeps the term it was elected for. Safe for use by any thread.
public final class RecordingCandidate implements Coordinator.Candidate {

    private volatile @Nullable ControllerTerm term;

    @Override
    public void elected(ControllerTerm elected) {
        term = elected;
    }

    @Override
    public void deposed(ControllerTerm ended) {
        if (ended.equals(term)) {
            term = null;
        }
    }

    /// The term it is in, as far as it knows.
    public @Nullable ControllerTerm term() {
        return term;
    }

    /// Waits until it is elected.
    public ControllerTerm awaitTerm() {
        await().until(() -> term != null);
        return Objects.requireNonNull(term);
    }
}
