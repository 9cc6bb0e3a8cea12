package io.caskade.bitcask;

import io.caskade.bitcask.store.Merging;
import io.caskade.bitcask.store.Snapshot;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes a library's snapshots on its callers' threads, one after the other, while no merge runs.
final class Snapshots {

    private final Store store;
    private final GroupCommit commits;
    private final Merging merging;
    private @Nullable Snapshot begun;

    Snapshots(Store store, GroupCommit commits, Merging merging) {
        this.store = store;
        this.commits = commits;
        this.merging = merging;
    }

    Snapshot.Taken take(Path target) throws IOException {
        return merging.undisturbed(() -> {
            commits.sync();
            commits.step(() -> begun = store.beginSnapshot());
            Snapshot snapshot = begun;
            if (snapshot == null) {
                throw new IllegalStateException("the writer did not run");
            }
            return snapshot.run(target, List.of(Path.of(SecretFile.NAME)));
        });
    }
}
