package io.caskade.server.partition;

import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A disk without copies, until a test says otherwise; remembers what was deleted.
public final class RecordingRemover implements CopyRemover {

    final List<Integer> deleted = new CopyOnWriteArrayList<>();
    volatile boolean exists;
    volatile boolean failsToDelete;

    /// What is stored; reading fails while it is null.
    volatile @Nullable Versioned<PartitionState> stored;

    /// Starts without copies.
    public RecordingRemover() {}

    @Override
    public boolean exists(int partition) {
        return exists;
    }

    @Override
    public void delete(int partition) throws IOException {
        if (failsToDelete) {
            throw new IOException("the disk is away");
        }
        deleted.add(partition);
        exists = false;
    }

    @Override
    public CompletionStage<Versioned<PartitionState>> read(int partition) {
        return stored == null
                ? CompletableFuture.failedStage(new CoordinationException("ZooKeeper is away", null))
                : CompletableFuture.completedStage(stored);
    }
}
