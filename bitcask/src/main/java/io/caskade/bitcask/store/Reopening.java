package io.caskade.bitcask.store;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.log.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a copy up where its clean close has left it, if the checkpoint and the log are still what they were.
///
/// | case | found beside a `copy` that names a checkpoint | decision |
/// |---|---|---|
/// | CHECKPOINT | it is whole, and the log is what it says | take both |
/// | NO_CHECKPOINT | none, or one of another version, partition or secret | recover the log |
/// | OTHER_CHECKPOINT | one with another checksum than `copy` names | recover the log |
/// | DAMAGED_CHECKPOINT | one cut short or damaged | recover the log |
/// | STALE_CHECKPOINT | a segment more, less, of another length, header or end | recover the log |
///
/// A checkpoint beside a `copy` that names none, because it was opened since, means nothing.
final class Reopening {

    private static final Logger LOG = LoggerFactory.getLogger(Reopening.class);

    private Reopening() {}

    /// A log that was opened, and what is known beside it and the keydir.
    record Reopened(Log log, Checkpoint checkpoint) {}

    /// The log and what was known, and all keys in the keydir, which is empty; or nothing, and the keydir is as empty
    /// as it was.
    ///
    /// @throws IOException when the log's files cannot be read or its directory not be synced
    static Optional<Reopened> reopen(
            Disk disk, Path directory, StoreOptions options, CopyState copy, CheckpointFile file, Keydir keydir)
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
            Optional<Log> log = Log.open(disk, directory, options.log(), checkpoint.log());
            if (log.isEmpty()) {
                LOG.warn("{}: its checkpoint is of another log; the log is recovered", directory);
                return Optional.empty();
            }
            if (!fill(reader, keydir, options.hasher().fingerprint())) {
                log.get().close();
                return Optional.empty();
            }
            return Optional.of(new Reopened(log.get(), checkpoint));
        }
    }

    private static Optional<CheckpointReader> open(CheckpointFile file, int checksum, StoreOptions options) {
        try {
            return Optional.of(file.open(checksum, options.log().partition()));
        } catch (IOException e) {
            LOG.warn("the checkpoint is not used, the log is recovered: {}", e.toString());
            return Optional.empty();
        }
    }

    private static boolean fill(CheckpointReader reader, Keydir keydir, long fingerprint) {
        try {
            reader.fill(keydir, fingerprint);
            return true;
        } catch (IOException e) {
            LOG.warn("the checkpoint is not used, the log is recovered: {}", e.toString());
            keydir.clear();
            return false;
        }
    }
}
