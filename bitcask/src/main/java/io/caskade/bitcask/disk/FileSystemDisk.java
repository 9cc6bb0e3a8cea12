package io.caskade.bitcask.disk;

import io.caskade.bitcask.DirectoryInUseException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The [Disk] of this machine.
enum FileSystemDisk implements Disk {
    INSTANCE;

    private static final Logger LOG = LoggerFactory.getLogger(FileSystemDisk.class);

    /// The directories this process holds, under the names they were locked by, open to be synced: a sync must
    /// not fail because another file cannot be opened.
    private static final Map<Path, AsynchronousFileChannel> OPEN = new ConcurrentHashMap<>();

    /// The directories of which it was said that they cannot be synced.
    private static final Set<Path> UNSYNCED = ConcurrentHashMap.newKeySet();

    static {
        Exhaustion.prepare();
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        return ChannelFile.create(file);
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return ChannelFile.open(file);
    }

    @Override
    public DiskFile openForReading(Path file) throws IOException {
        return ChannelFile.openForReading(file);
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return Exhaustion.detect(directory, () -> {
            try (Stream<Path> files = Files.list(directory)) {
                return files.toList();
            }
        });
    }

    /// Syncs the name of the nearest existing directory too: its creator may have crashed before doing so.
    @Override
    public void createDirectories(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        Path existing = directory.toAbsolutePath();
        while (!Files.isDirectory(existing)) {
            missing.push(existing);
            existing = existing.resolve("..").normalize();
        }
        syncNameOf(existing);
        for (Path path : missing) {
            Exhaustion.detect(path, () -> Files.createDirectories(path));
            syncNameOf(path);
        }
    }

    private void syncNameOf(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent != null) {
            syncDirectory(parent);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Exhaustion.detect(to, () -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
    }

    @Override
    public boolean link(Path file, Path name) throws IOException {
        try {
            Files.createLink(name, file);
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (FileSystemException e) {
            // Another file system, too many links, or no support for links: a copy distinguishes them from a
            // failing disk.
            return false;
        }
    }

    @Override
    public int countNames(Path file) throws IOException {
        return file.getFileSystem().supportedFileAttributeViews().contains("unix")
                ? Exhaustion.detect(file, () -> (Integer) Files.getAttribute(file, "unix:nlink"))
                : 1;
    }

    @Override
    public void delete(Path file) throws IOException {
        Exhaustion.detect(file, () -> {
            Files.delete(file);
            return file;
        });
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        AsynchronousFileChannel held = OPEN.get(directory);
        if (held != null && held.isOpen()) {
            held.force(true);
            return;
        }
        try (AsynchronousFileChannel channel = openDirectory(directory)) {
            channel.force(true);
        } catch (AccessDeniedException e) {
            warnUnsynced(directory, e);
        }
    }

    /// A directory that may be entered or written to, and not read, cannot be opened, and so not be synced; the
    /// one above a user's own often is like that.
    private static void warnUnsynced(Path directory, AccessDeniedException why) {
        if (UNSYNCED.add(directory)) {
            LOG.warn(
                    "{}: cannot be synced, as this user may not read it ({}); what was just created or renamed in it"
                            + " may be lost in a power failure",
                    directory,
                    why.getReason());
        }
    }

    private static AsynchronousFileChannel openDirectory(Path directory) throws IOException {
        return Exhaustion.detect(directory, () -> AsynchronousFileChannel.open(directory, StandardOpenOption.READ));
    }

    @Override
    public long freeBytes(Path directory) throws IOException {
        // Finding a FileStore reads the mount table. The shorter way cannot report why it fails.
        long free = directory.toFile().getUsableSpace();
        return free > 0
                ? free
                : Exhaustion.detect(
                        directory, () -> Files.getFileStore(directory).getUsableSpace());
    }

    @Override
    public DirectoryLock lock(Path directory) throws IOException {
        Path held = directory.toRealPath();
        String identity = LockFile.identity(held);
        if (!LockFile.mark(identity)) {
            throw new DirectoryInUseException(
                    directory, "this process, " + ProcessHandle.current().pid());
        }
        Deque<Closeable> taken = new ArrayDeque<>();
        boolean locked = false;
        try {
            taken.push(() -> LockFile.unmark(identity));
            taken.push(LockFile.take(directory, held));
            AsynchronousFileChannel open = openDirectory(held);
            taken.push(open);
            OPEN.put(directory, open);
            taken.push(() -> OPEN.remove(directory, open));
            locked = true;
            return new HeldLock(taken);
        } finally {
            if (!locked) {
                closeAll(taken);
            }
        }
    }

    @Override
    public DirectoryLock lockForReading(Path directory) throws IOException {
        Path held = directory.toRealPath();
        if (LockFile.mayBeTaken(held)) {
            return lock(directory);
        }
        if (LockFile.isMarked(LockFile.identity(held))) {
            throw new DirectoryInUseException(
                    directory, "this process, " + ProcessHandle.current().pid());
        }
        LockFile.requireFree(directory, held);
        return new NoLock();
    }

    /// Stands for the lock of a directory that may only be read.
    private record NoLock() implements DirectoryLock {
        @Override
        public boolean isHeld() {
            return false;
        }

        @Override
        public void close() {
            // Nothing is locked.
        }
    }

    private static void closeAll(Deque<Closeable> taken) throws IOException {
        while (!taken.isEmpty()) {
            try {
                taken.pop().close();
            } finally {
                closeAll(taken);
            }
        }
    }

    /// What a locked directory needs, the last taken first.
    private record HeldLock(Deque<Closeable> taken) implements DirectoryLock {
        @Override
        public void close() throws IOException {
            synchronized (taken) {
                closeAll(taken);
            }
        }
    }
}
