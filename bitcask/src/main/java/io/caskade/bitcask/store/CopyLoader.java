package io.caskade.bitcask.store;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.store.checkpoint.CheckpointFile;
import io.caskade.bitcask.store.checkpoint.CheckpointLoader;
import io.caskade.bitcask.store.copy.CopyState;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Opens a copy's log and fills its keydir: from the checkpoint of its clean close, or by recovering the log.
final class CopyLoader {

    /// An open log and its keydir.
    record Loaded(Log log, CommittedKeydir committed, boolean fromCheckpoint) implements Closeable {

        @Override
        public void close() throws IOException {
            try (Keydir _ = committed.keydir()) {
                log.close();
            }
        }
    }

    private final Disk disk;
    private final Path directory;
    private final StoreOptions options;

    CopyLoader(Disk disk, Path directory, StoreOptions options) {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
    }

    /// @param found the copy as its metadata describe it
    Loaded load(CopyState found, CheckpointFile checkpointFile) throws IOException {
        Keydir keydir = new Keydir(options.keydirLimit());
        boolean loaded = false;
        try {
            CommittedKeydir committed = new CommittedKeydir(keydir, options.hasher(), found.highWatermark());
            Optional<CheckpointLoader.Reopened> reopened = CheckpointLoader.reopen(
                    disk, directory, options.log(), options.hasher().fingerprint(), found, checkpointFile, keydir);
            reopened.map(CheckpointLoader.Reopened::checkpoint).ifPresent(committed::resume);
            Log log = reopened.isPresent() ? reopened.get().log() : recover(committed, found.recoveryPoint());
            committed.raiseLogTime(found.bounds().logTime());
            loaded = true;
            return new Loaded(log, committed, reopened.isPresent());
        } finally {
            if (!loaded) {
                keydir.close();
            }
        }
    }

    private Log recover(CommittedKeydir committed, long recoveryPoint) throws IOException {
        KeydirRecovery sink = new KeydirRecovery(committed, options.log().parallelism());
        Log log = Log.open(disk, directory, options.log(), recoveryPoint, options.hasher(), sink);
        sink.finish();
        return log;
    }
}
