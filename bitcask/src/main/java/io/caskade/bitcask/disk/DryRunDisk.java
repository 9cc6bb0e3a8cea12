package io.caskade.bitcask.disk;

import io.caskade.bitcask.disk.DiskFile.Syncs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A read-only view of a disk that records changes instead of making them, to learn what opening a directory
/// would do. One thread uses it.
///
/// Recorded changes are not visible: files that were "deleted" are still there.
public final class DryRunDisk implements Disk {

    /// A recorded change.
    ///
    /// @param file the file it would change
    /// @param cutAt the length it would have been cut to; -1 when it would have been deleted
    public record Change(Path file, long cutAt) {
        /// Whether the file would have been deleted.
        public boolean isDeletion() {
            return cutAt < 0;
        }
    }

    private final Disk disk;
    private final List<Change> changes = new ArrayList<>();

    /// A view of a disk.
    public DryRunDisk(Disk disk) {
        this.disk = disk;
    }

    /// The recorded changes, in order.
    public List<Change> changes() {
        return List.copyOf(changes);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        throw new IOException(file + ": nothing is created in a dry run");
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new DryRunFile(disk.openForReading(file));
    }

    @Override
    public boolean exists(Path file) throws IOException {
        return disk.exists(file);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        throw new IOException(directory + ": nothing is created in a dry run");
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        throw new IOException(from + ": nothing is renamed in a dry run");
    }

    @Override
    public boolean link(Path file, Path name) throws IOException {
        throw new IOException(name + ": nothing is linked in a dry run");
    }

    /// One: no file is changed here, so none has to be taken from its other names first.
    @Override
    public int countNames(Path file) {
        return 1;
    }

    @Override
    public void delete(Path file) {
        changes.add(new Change(file, -1));
    }

    @Override
    public void syncDirectory(Path directory) {
        // Nothing was changed.
    }

    @Override
    public long freeBytes(Path directory) throws IOException {
        return disk.freeBytes(directory);
    }

    @Override
    public DirectoryLock lock(Path directory) throws IOException {
        return disk.lock(directory);
    }

    private final class DryRunFile implements DiskFile {

        private final DiskFile file;

        DryRunFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return file.read(into, position);
        }

        @Override
        public Optional<MemorySegment> map(long from, long bytes, Supplier<Arena> arena) throws IOException {
            return file.map(from, bytes, arena);
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            throw new IOException(path() + ": nothing is written in a dry run");
        }

        @Override
        public void reserve(long from, long to, Syncs syncs) throws IOException {
            throw new IOException(path() + ": nothing is reserved in a dry run");
        }

        @Override
        public void truncate(long size) {
            changes.add(new Change(path(), size));
        }

        @Override
        public void sync() {
            // Nothing was changed.
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
