package io.caskade.bitcask.embedded;

import io.caskade.bitcask.SnapshotReport;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.copy.SecretFile;
import io.caskade.bitcask.store.copy.Snapshot;
import io.caskade.bitcask.store.merge.MergeRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes snapshots on its callers' threads, one at a time, while no merge runs.
public final class SnapshotTaker {

    private final Store store;
    private final WriteQueue writes;
    private final MergeRunner merging;
    private @Nullable Snapshot begun;

    /// Creates the snapshot taker of a store.
    public SnapshotTaker(Store store, WriteQueue writes, MergeRunner merging) {
        this.store = store;
        this.writes = writes;
        this.merging = merging;
    }

    /// Takes a snapshot of everything written before.
    public SnapshotReport take(Path target) throws IOException {
        return merging.withoutMerges(() -> {
            writes.sync();
            writes.step(() -> begun = store.beginSnapshot());
            Snapshot snapshot = begun;
            if (snapshot == null) {
                throw new IllegalStateException("the writer did not run");
            }
            return snapshot.run(target, List.of(Path.of(SecretFile.NAME)));
        });
    }
}
