package io.caskade.bitcask.store.copy;

import io.caskade.bitcask.SnapshotReport;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.FileCopies;
import io.caskade.bitcask.log.LogSnapshot;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes a consistent snapshot of a store into a directory that can be opened as another store: begun by the
/// writer (`Store.beginSnapshot`), run on another thread.
///
/// The directory is built under a name that ends in `.new`, synced, and renamed: it appears as a whole or not
/// at all.
public final class Snapshot {

    private static final Logger LOG = LoggerFactory.getLogger(Snapshot.class);
    private static final String NEW_SUFFIX = ".new";

    private final Disk disk;
    private final Path source;
    private final LogSnapshot log;
    private final CopyState state;
    private final long end;

    /// A snapshot of the records up to `end`, with this state.
    public Snapshot(Disk disk, Path source, LogSnapshot log, CopyState state, long end) {
        this.disk = disk;
        this.source = source;
        this.log = log;
        this.state = state;
        this.end = end;
    }

    /// Makes the directory. Blocks. The store must not be closed and no merge run meanwhile.
    ///
    /// @param others further files of the store's directory to include
    /// @throws FileAlreadyExistsException when the target exists
    public SnapshotReport run(Path target, List<Path> others) throws IOException {
        try (log) {
            return build(target.toAbsolutePath().normalize(), others);
        }
    }

    private SnapshotReport build(Path place, List<Path> others) throws IOException {
        if (disk.exists(place)) {
            throw new FileAlreadyExistsException(place.toString(), null, "a snapshot needs a name that is not taken");
        }
        Path building = place.resolveSibling(place.getFileName() + NEW_SUFFIX);
        disk.createDirectories(building);
        clear(building);
        boolean built = false;
        try {
            fill(building, others);
            built = true;
        } finally {
            if (!built) {
                giveUp(building);
            }
        }
        disk.rename(building, place);
        Path parent = place.getParent();
        if (parent != null) {
            disk.syncDirectory(parent);
        }
        return new SnapshotReport(end, log.linkedFiles(), log.copiedBytes());
    }

    private void fill(Path building, List<Path> others) throws IOException {
        log.run(building);
        for (Path other : others) {
            if (disk.exists(source.resolve(other))) {
                FileCopies.linkOrCopy(disk, source.resolve(other), building.resolve(other));
            }
        }
        new CopyMetadataFile(disk, building).write(state);
        disk.syncDirectory(building);
    }

    private void clear(Path building) throws IOException {
        for (Path left : disk.list(building)) {
            disk.delete(left);
        }
    }

    /// A snapshot that does not fit must free the space it took.
    private void giveUp(Path building) {
        try {
            clear(building);
            disk.delete(building);
        } catch (IOException e) {
            LOG.warn("{}: left by a failed snapshot; the next one of this name deletes it", building, e);
        }
    }
}
