package io.caskade.server;

import io.caskade.server.admin.SharedSetting;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.cluster.SharedSettingsStore;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.lifecycle.SharedConfig;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// Shows and changes the settings that all nodes share, by compare-and-set. Thread-safe; nothing blocks.
final class SettingsAdmin {

    /// Attempts when concurrent changes win.
    private static final int ATTEMPTS = 5;

    private final Supplier<ClusterImage> image;
    private final SharedSettingsStore store;

    SettingsAdmin(Supplier<ClusterImage> image, SharedSettingsStore store) {
        this.image = image;
        this.store = store;
    }

    CompletionStage<List<SharedSetting>> list() {
        return store.readSettings().thenApply(stored -> list(stored.value()));
    }

    private List<SharedSetting> list(SharedSettings shared) {
        return SharedConfig.list(image.get().settings().partitions(), shared);
    }

    CompletionStage<List<SharedSetting>> change(String name, String value) {
        return change(
                current -> {
                    try {
                        return SharedConfig.change(current, name, value);
                    } catch (IllegalArgumentException e) {
                        throw new CommandRefusedException(Reason.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
                    }
                },
                ATTEMPTS);
    }

    /// For partitions that are created later.
    CompletionStage<List<SharedSetting>> setReplicationFactor(int copies) {
        return change(current -> current.withReplicationFactor(Math.max(copies, current.minInSync())), ATTEMPTS);
    }

    private CompletionStage<List<SharedSetting>> change(UnaryOperator<SharedSettings> change, int attempts) {
        return store.readSettings().thenCompose(stored -> change(stored, change, attempts));
    }

    private CompletionStage<List<SharedSetting>> change(
            Versioned<SharedSettings> stored, UnaryOperator<SharedSettings> change, int attempts) {
        SharedSettings next = change.apply(stored.value());
        if (next.equals(stored.value())) {
            return CompletableFuture.completedFuture(list(next));
        }
        return store.changeSettings(stored.version(), next).thenCompose(changed -> {
            if (changed) {
                return CompletableFuture.completedFuture(list(next));
            }
            return attempts > 1
                    ? change(change, attempts - 1)
                    : CompletableFuture.failedFuture(new CommandRefusedException(
                            Reason.BUSY, "the settings were changed concurrently; try again"));
        });
    }
}
