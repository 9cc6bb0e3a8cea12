package io.caskade.server.partition;

import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;

/// What [ReplicaManager] needs to delete copies that are not needed any more. Thread-safe.
public interface CopyRemover {

    /// Deletes in these directories, and reads through a coordinator.
    static CopyRemover of(IntFunction<CopyDirectory> directories, Coordinator coordinator) {
        return new CopyRemover() {
            @Override
            public boolean exists(int partition) throws IOException {
                return directories.apply(partition).exists();
            }

            @Override
            public void delete(int partition) throws IOException {
                directories.apply(partition).delete();
            }

            @Override
            public CompletionStage<Versioned<PartitionState>> read(int partition) {
                return coordinator.read(partition);
            }
        };
    }

    /// Whether there is a copy on the disk, or what is left of one. Blocks.
    boolean exists(int partition) throws IOException;

    /// Deletes the copy, which must be closed; idempotent. Blocks.
    void delete(int partition) throws IOException;

    /// The partition's stored state at some time after this call.
    CompletionStage<Versioned<PartitionState>> read(int partition);
}
