package io.caskade.bitcask.disk;

import io.caskade.bitcask.DirectoryInUseException;
import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// The [Disk] of this machine.
enum FileSystemDisk implements Disk {
    INSTANCE;

    private static final String LOCK = "lock";

    /// The directories this process holds. The system's locks are per process, and closing any channel on the
    /// lock file would release them, so a second attempt from within must be refused before it opens one.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    /// The directories this process holds, under the names they were locked by, open to be synced: a sync must
    /// not fail because another file cannot be opened.
    private static final Map<Path, AsynchronousFileChannel> OPEN = new ConcurrentHashMap<>();

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
    public void delete(Path file) throws IOException {
        Files.delete(file);
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
        if (!HELD.add(held)) {
            throw new DirectoryInUseException(directory);
        }
        boolean locked = false;
        try {
            FileChannel channel = Exhaustion.detect(
                    directory,
                    () -> FileChannel.open(held.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE));
            try {
                if (channel.tryLock() == null) {
                    throw new DirectoryInUseException(directory);
                }
                AsynchronousFileChannel open = openDirectory(held);
                OPEN.put(directory, open);
                locked = true;
                return new ChannelLock(directory, held, channel, open, new AtomicBoolean());
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
        } finally {
            if (!locked) {
                HELD.remove(held);
            }
        }
    }

    /// A lock that lives as long as its channel.
    private record ChannelLock(
            Path name, Path held, FileChannel channel, AsynchronousFileChannel open, AtomicBoolean released)
            implements DirectoryLock {
        @Override
        public void close() throws IOException {
            if (released.compareAndSet(false, true)) {
                OPEN.remove(name, open);
                try (open) {
                    channel.close();
                } finally {
                    HELD.remove(held);
                }
            }
        }
    }
}
