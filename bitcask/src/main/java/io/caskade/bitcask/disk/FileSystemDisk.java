package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The [Disk] of this machine, on [FileChannel]s. Threads that use it must not be interrupted: an interrupt
/// closes the channel for everyone.
enum FileSystemDisk implements Disk {
    INSTANCE;

    private static final String LOCK = "lock";

    /// The directories this process holds. The system's locks are per process, and closing any channel on the
    /// lock file would release them, so a second attempt from within must be refused before it opens one.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    @Override
    public DiskFile create(Path file) throws IOException {
        return new ChannelFile(
                file,
                FileChannel.open(
                        file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new ChannelFile(file, FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public DirectoryLock lock(Path directory) throws IOException {
        Path held = directory.toRealPath();
        if (!HELD.add(held)) {
            throw new DirectoryInUseException(directory);
        }
        boolean locked = false;
        FileChannel channel = null;
        try {
            channel = FileChannel.open(held.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            if (channel.tryLock() == null) {
                throw new DirectoryInUseException(directory);
            }
            locked = true;
            return new ChannelLock(held, channel);
        } finally {
            if (!locked) {
                HELD.remove(held);
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }

    /// A lock that lasts as long as its channel.
    private record ChannelLock(Path held, FileChannel channel) implements DirectoryLock {
        @Override
        public void close() throws IOException {
            channel.close();
            HELD.remove(held);
        }
    }

    /// A file on a channel of its own.
    private record ChannelFile(Path path, FileChannel channel) implements DiskFile {

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            int total = 0;
            while (into.hasRemaining()) {
                int read = channel.read(into, position + total);
                if (read < 0) {
                    break;
                }
                total += read;
            }
            return total;
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            long at = position;
            try {
                while (from.hasRemaining()) {
                    at += channel.write(from, at);
                }
            } catch (IOException e) {
                throw isFull(e) ? new DiskFullException(path, e) : e;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }

        /// The JDK reports ENOSPC and EDQUOT by their texts only.
        private static boolean isFull(IOException e) {
            String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
            if (reason == null) {
                return false;
            }
            String lower = reason.toLowerCase(Locale.ROOT);
            return lower.contains("no space left") || lower.contains("quota exceeded");
        }
    }
}
