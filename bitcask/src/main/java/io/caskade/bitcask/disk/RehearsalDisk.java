package io.caskade.bitcask.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Another disk as it is, to which nothing is done: what would have been is remembered instead, so that what
/// opens a directory can be asked what it would do. One thread uses it.
///
/// It does not show what it pretends to have done: files that were "deleted" are still there.
public final class RehearsalDisk implements Disk {

    /// A change that was not made.
    ///
    /// @param file what would have been changed
    /// @param cutAt the length it would have been cut to; -1 when it would have been deleted
    public record Change(Path file, long cutAt) {
        /// Whether the file would have been deleted.
        public boolean isDeletion() {
            return cutAt < 0;
        }
    }

    private final Disk disk;
    private final List<Change> changes = new ArrayList<>();

    /// Stands before a disk.
    public RehearsalDisk(Disk disk) {
        this.disk = disk;
    }

    /// What would have been done, in order.
    public List<Change> changes() {
        return List.copyOf(changes);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        throw new IOException(file + ": nothing is created in a rehearsal");
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new RehearsalFile(disk.open(file));
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
        throw new IOException(directory + ": nothing is created in a rehearsal");
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        throw new IOException(from + ": nothing is renamed in a rehearsal");
    }

    @Override
    public boolean link(Path file, Path name) throws IOException {
        throw new IOException(name + ": nothing is linked in a rehearsal");
    }

    @Override
    public int names(Path file) throws IOException {
        return disk.names(file);
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

    private final class RehearsalFile implements DiskFile {

        private final DiskFile file;

        RehearsalFile(DiskFile file) {
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
        public Optional<MemorySegment> map(long bytes) throws IOException {
            return file.map(bytes);
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            throw new IOException(path() + ": nothing is written in a rehearsal");
        }

        @Override
        public void reserve(long from, long to, Syncs syncs) throws IOException {
            throw new IOException(path() + ": nothing is reserved in a rehearsal");
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
