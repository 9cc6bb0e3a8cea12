package io.caskade.bitcask.store.checkpoint;

import io.caskade.bitcask.ResourceExhaustedException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.keydir.Keydir;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file `checkpoint` of a copy's directory: written by a clean close for the next opening, in
/// [CheckpointFormat].
///
/// It is used only if `copy` says that the copy was closed cleanly and names this file's checksum, which covers
/// those of its blocks. An older, torn or damaged one is ignored, so it need not be synced: the log has
/// everything.
public final class CheckpointFile {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointFile.class);

    static final String NAME = "checkpoint";

    /// The free space left for other files, above all the next `copy`.
    private static final int RESERVE_BYTES = 64 << 10;

    private final Disk disk;
    private final Path directory;

    /// The file of a copy's directory.
    public CheckpointFile(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    private Path path() {
        return directory.resolve(NAME);
    }

    /// Supplies a checkpoint's content.
    @FunctionalInterface
    public interface Source {
        /// The head.
        Checkpoint get() throws IOException;
    }

    /// Writes the file, if the disk allows it. The keydir must not change meanwhile.
    ///
    /// @return its checksum; empty when no checkpoint was written
    public Optional<Integer> write(Source source, Keydir keydir) {
        try {
            delete();
            Checkpoint checkpoint = source.get();
            CheckpointBlocks blocks = CheckpointBlocks.expecting(keydir.size());
            int length = CheckpointFormat.lengthFor(checkpoint, blocks.count());
            long bytes = length + keydir.size() * CheckpointFormat.ENTRY_BYTES;
            if (disk.freeBytes(directory) < bytes + RESERVE_BYTES) {
                LOG.warn("{}: no room for a checkpoint of {} bytes; the next opening takes longer", path(), bytes);
                return Optional.empty();
            }
            try (DiskFile file = disk.create(path())) {
                new CheckpointWriter(file, length, blocks).writeAll(keydir);
                ByteBuffer head = CheckpointFormat.encode(checkpoint, blocks);
                file.write(head.duplicate(), 0);
                return Optional.of(CheckpointFormat.claimedChecksum(head));
            }
        } catch (ResourceExhaustedException e) {
            LOG.warn("no room for a checkpoint; the next opening takes longer: {}", e.getMessage());
            deleteIfPossible();
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn("{}: cannot be written; the next opening takes longer", path(), e);
            deleteIfPossible();
            return Optional.empty();
        }
    }

    private void deleteIfPossible() {
        try {
            delete();
        } catch (IOException e) {
            LOG.warn("{}: could not be deleted; it is ignored", path(), e);
        }
    }

    /// Deletes the file if it exists.
    public void delete() throws IOException {
        if (disk.exists(path())) {
            disk.delete(path());
        }
    }

    /// Opens the file with a given checksum.
    ///
    /// @throws IOException when there is none, or it cannot be used; see [CheckpointReader#of]
    CheckpointReader open(int checksum, int partition) throws IOException {
        DiskFile file = disk.openForReading(path());
        boolean opened = false;
        try {
            CheckpointReader reader = CheckpointReader.of(file, checksum, partition);
            opened = true;
            return reader;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }
}
