package io.caskade.bitcask.store.checkpoint;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.store.copy.CopyState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens a copy from the checkpoint of its clean close, if checkpoint and log are unchanged.
///
/// | case | found, when `copy` names a checkpoint | decision |
/// |---|---|---|
/// | CHECKPOINT | it is whole and matches the log | use both |
/// | NO_CHECKPOINT | none, or one of another version, partition or secret | recover the log |
/// | OTHER_CHECKPOINT | one with another checksum than `copy` names | recover the log |
/// | DAMAGED_CHECKPOINT | one cut short or damaged | recover the log |
/// | STALE_CHECKPOINT | a segment was added, removed, or has another length, header or end | recover the log |
///
/// A checkpoint that `copy` does not name, because the copy was opened since, is ignored.
public final class CheckpointLoader {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointLoader.class);

    private CheckpointLoader() {}

    /// An opened log and its checkpoint's head.
    public record Reopened(Log log, Checkpoint checkpoint) {}

    /// Opens the log and fills the empty keydir; or returns nothing and leaves the keydir empty.
    ///
    /// @throws IOException when the log's files cannot be read or its directory cannot be synced
    public static Optional<Reopened> reopen(
            Disk disk,
            Path directory,
            LogOptions options,
            long fingerprint,
            CopyState copy,
            CheckpointFile file,
            Keydir keydir)
            throws IOException {
        if (copy.cleanEnd().isEmpty() || copy.checkpoint().isEmpty()) {
            return Optional.empty();
        }
        Optional<CheckpointReader> opened = open(file, copy.checkpoint().get(), options);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (CheckpointReader reader = opened.get()) {
            Checkpoint checkpoint = reader.checkpoint();
            Optional<Log> log = Log.openFromManifest(disk, directory, options, checkpoint.log());
            if (log.isEmpty()) {
                LOG.warn("{}: its checkpoint does not match the log; recovering the log", directory);
                return Optional.empty();
            }
            if (!fill(reader, keydir, fingerprint, options.parallelism())) {
                log.get().close();
                return Optional.empty();
            }
            return Optional.of(new Reopened(log.get(), checkpoint));
        }
    }

    private static Optional<CheckpointReader> open(CheckpointFile file, int checksum, LogOptions options) {
        try {
            return Optional.of(file.open(checksum, options.partition()));
        } catch (IOException e) {
            LOG.warn("not using the checkpoint; recovering the log: {}", e.toString());
            return Optional.empty();
        }
    }

    private static boolean fill(CheckpointReader reader, Keydir keydir, long fingerprint, Parallelism parallelism) {
        try {
            reader.fill(keydir, fingerprint, parallelism);
            return true;
        } catch (IOException e) {
            LOG.warn("not using the checkpoint; recovering the log: {}", e.toString());
            keydir.clear();
            return false;
        }
    }
}
