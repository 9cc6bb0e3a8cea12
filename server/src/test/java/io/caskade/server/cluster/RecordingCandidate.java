package io.caskade.server.cluster;

import static org.awaitility.Awaitility.await;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Records the controller epoch it was elected for. Thread-safe.
public final class RecordingCandidate implements Coordinator.ControllerCandidate {

    private volatile @Nullable ControllerEpoch epoch;

    @Override
    public void elected(ControllerEpoch elected) {
        epoch = elected;
    }

    @Override
    public void deposed(ControllerEpoch ended) {
        if (ended.equals(epoch)) {
            epoch = null;
        }
    }

    /// The term it is in, as far as it knows.
    public @Nullable ControllerEpoch term() {
        return epoch;
    }

    /// Waits until it is elected.
    public ControllerEpoch awaitTerm() {
        await().until(() -> epoch != null);
        return Objects.requireNonNull(epoch);
    }
}
