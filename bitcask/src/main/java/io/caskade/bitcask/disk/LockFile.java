package io.caskade.bitcask.disk;

import io.caskade.bitcask.DirectoryInUseException;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file `lock` of a directory: locks it for one owner, and names the owner.
///
/// Three things keep a second one out, since each alone can fail:
///
/// - a mark in the JVM's properties, which all class loaders share, by the identity of the directory, which is
///   the same under all its names;
/// - a lock on the file: one that ends only with its owner ([OpenFileLock]), or else the JDK's, which the
///   system drops when the process closes any other descriptor of the file, as a copy of the directory does;
/// - the name of the owner in the file, which counts while that process lives.
///
/// A file that has other names belongs to other directories too, as in a copy made of links: it is replaced by
/// one of this directory alone.
final class LockFile implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(LockFile.class);

    private static final String NAME = "lock";
    private static final String MARK = "io.caskade.bitcask.locked.";
    private static final int MAX_TEXT_BYTES = 4096;

    private final Path file;
    private final String mark;

    /// One of the two is there.
    private final @Nullable OpenFileLock openFileLock;

    private final @Nullable RandomAccessFile processLock;

    private LockFile(
            Path file, String mark, @Nullable OpenFileLock openFileLock, @Nullable RandomAccessFile processLock) {
        this.file = file;
        this.mark = mark;
        this.openFileLock = openFileLock;
        this.processLock = processLock;
    }

    /// Marks a directory as held within this JVM.
    ///
    /// @return false when it is marked already
    static boolean mark(String identity) {
        Properties shared = System.getProperties();
        return shared.putIfAbsent(MARK + identity, "held") == null;
    }

    /// Whether a directory is marked.
    static boolean isMarked(String identity) {
        return System.getProperties().containsKey(MARK + identity);
    }

    /// Removes the mark.
    static void unmark(String identity) {
        System.getProperties().remove(MARK + identity);
    }

    /// What stays the same of a file or directory whatever its name is; where the system tells no such thing,
    /// the name.
    static String identity(Path path) throws IOException {
        return Optional.ofNullable(ChannelFile.keyOf(path)).orElse(path).toString();
    }

    /// Locks a directory that is marked.
    ///
    /// @param shown the directory as the caller knows it
    /// @throws DirectoryInUseException when another process, or a directory that shares the file, has it locked
    static LockFile take(Path shown, Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        LockOwner self = LockOwner.self(identity(directory));
        while (true) {
            createIfMissing(file);
            String identity = identity(file);
            if (!mark(identity)) {
                throw new DirectoryInUseException(shown, self.describe() + ", which is this one");
            }
            @Nullable LockFile taken = null;
            boolean kept = false;
            try {
                taken = tryLock(file, identity);
                if (taken == null) {
                    throw inUse(shown, file);
                }
                kept = taken.keepFor(shown, self, identity);
                if (kept) {
                    return taken;
                }
            } finally {
                if (!kept && taken != null) {
                    taken.unlock();
                } else if (!kept) {
                    unmark(identity);
                }
            }
        }
    }

    /// Whether this process may write the file of a directory, or create it.
    static boolean mayBeTaken(Path directory) {
        Path file = directory.resolve(NAME);
        return Files.isWritable(directory) && (!Files.exists(file) || Files.isWritable(file));
    }

    /// Makes sure that no process has locked a directory, without locking it.
    ///
    /// @throws DirectoryInUseException when somebody has
    static void requireFree(Path shown, Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        if (!Files.isReadable(file)) {
            return;
        }
        if (isMarked(identity(file))) {
            throw new DirectoryInUseException(shown, "this process, by another directory with the same file `lock`");
        }
        boolean free;
        try (FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
                FileLock lock = opened.tryLock(0, Long.MAX_VALUE, true)) {
            free = lock != null;
        }
        LockOwner self = LockOwner.self(identity(directory));
        if (!free || findOwner(file).filter(owner -> owner.certainlyHolds(self)).isPresent()) {
            throw inUse(shown, file);
        }
    }

    /// @return false when the directory has, or needs, another file of that name
    private boolean keepFor(Path shown, LockOwner self, String identity) throws IOException {
        if (!Files.exists(file) || !identity.equals(identity(file))) {
            return false;
        }
        if (FileSystemDisk.INSTANCE.countNames(file) > 1) {
            Files.delete(file);
            return false;
        }
        if (readOwner().filter(owner -> owner.certainlyHolds(self)).isPresent()) {
            throw inUse(shown, file);
        }
        write(self.format());
        return true;
    }

    private static void createIfMissing(Path file) throws IOException {
        if (!Files.exists(file)) {
            Exhaustion.detect(file, () -> {
                FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE)
                        .close();
                return file;
            });
        }
    }

    private static @Nullable LockFile tryLock(Path file, String mark) throws IOException {
        OpenFileLock.Attempt attempt = OpenFileLock.tryLock(file);
        return switch (attempt.outcome()) {
            case LOCKED -> new LockFile(file, mark, attempt.lock().orElseThrow(), null);
            case TAKEN -> null;
            case UNAVAILABLE -> tryProcessLock(file, mark);
        };
    }

    private static @Nullable LockFile tryProcessLock(Path file, String mark) throws IOException {
        RandomAccessFile opened = Exhaustion.detect(file, () -> {
            // Says why, if it may not be written, as the other class does not.
            FileChannel.open(file, StandardOpenOption.WRITE).close();
            return new RandomAccessFile(file.toFile(), "rw");
        });
        boolean locked = false;
        try {
            locked = opened.getChannel().tryLock() != null;
        } catch (OverlappingFileLockException e) {
            LOG.debug("{}: locked within this JVM", file, e);
        } finally {
            if (!locked) {
                opened.close();
            }
        }
        return locked ? new LockFile(file, mark, null, opened) : null;
    }

    /// Only for a file that this process has not locked: to close it drops the JDK's lock.
    private static DirectoryInUseException inUse(Path shown, Path file) {
        return new DirectoryInUseException(
                shown, findOwner(file).map(LockOwner::describe).orElse("a process that its file `lock` does not name"));
    }

    private static Optional<LockOwner> findOwner(Path file) {
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
            return readOwner(opened);
        } catch (IOException e) {
            LOG.debug("{}: cannot be read", file, e);
            return Optional.empty();
        }
    }

    private Optional<LockOwner> readOwner() throws IOException {
        if (processLock != null) {
            return readOwner(processLock);
        }
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
            return readOwner(opened);
        }
    }

    private static Optional<LockOwner> readOwner(RandomAccessFile opened) throws IOException {
        byte[] text = new byte[(int) Math.min(opened.length(), MAX_TEXT_BYTES)];
        opened.seek(0);
        opened.readFully(text);
        return LockOwner.parse(new String(text, StandardCharsets.UTF_8));
    }

    private void write(String text) throws IOException {
        if (processLock != null) {
            write(processLock, text);
            return;
        }
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            write(opened, text);
        }
    }

    private static void write(RandomAccessFile opened, String text) throws IOException {
        opened.setLength(0);
        opened.seek(0);
        opened.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Unlocks the directory. A name that cannot be removed keeps other processes out until this one ends.
    @Override
    public void close() throws IOException {
        try {
            if (processLock != null) {
                processLock.setLength(0);
            } else if (openFileLock != null && !openFileLock.truncate()) {
                LOG.warn("{}: cannot be emptied; it keeps other processes out until this one ends", file);
            }
        } finally {
            unlock();
        }
    }

    private void unlock() throws IOException {
        try {
            if (openFileLock != null) {
                openFileLock.release();
            } else if (processLock != null) {
                processLock.close();
            }
        } finally {
            unmark(mark);
        }
    }
}
