package io.caskade.bitcask.disk;

import io.caskade.bitcask.DirectoryInUseException;
import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.TooManyOpenFilesException;
import io.caskade.bitcask.disk.DiskFile.Syncs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// A disk in memory that keeps no more than the contract of [Disk] obliges it to, and fails when it is told
/// to.
///
/// - **Power failure**: bytes that no sync of their file covers and names that no sync of their directory
///     covers vanish, wholly or in part: sector by sector, in any order.
/// - **Process kill**: nothing that was written is lost; open files and locks are.
/// - **A failed sync** loses for good what it should have made last, though it can be read until the power
///     fails.
/// - **A full disk** takes the part of a write that fits.
/// - **Stopping** at an operation is how a crash between any two, or within a write, is played: the operation
///     and all that follow throw [PowerFailureException], until [#kill] or [#powerFailure] starts the next
///     process's life.
///
/// What it does follows from its seed and what it is asked. Thread-safe.
public final class FaultyDisk implements Disk {

    /// What can be asked of the disk. All but [#READ] change something and are counted as operations.
    public enum Kind {
        CREATE,
        WRITE,
        /// A file was lengthened with zeros.
        RESERVE,
        TRUNCATE,
        SYNC,
        RENAME,
        LINK,
        DELETE,
        SYNC_DIRECTORY,
        CREATE_DIRECTORIES,
        READ,
        /// Nothing was asked: a test wrote down what it saw ([FaultyDisk#note]).
        NOTE
    }

    /// One thing that happened.
    ///
    /// @param name the file's or directory's path, or a note's text
    /// @param position where a write began or a truncation cut; 0 for others
    /// @param bytes what was written; empty for others
    public record Operation(Kind kind, String name, long position, byte[] bytes) {
        @Override
        public String toString() {
            return kind + " " + name + (bytes.length == 0 ? "" : " " + position + "+" + bytes.length);
        }
    }

    /// An operation that is to fail.
    ///
    /// @param which 1 is the next
    /// @param ending only those on files whose names end so are counted
    private record Failure(int which, String ending) {}

    private static final byte[] NO_BYTES = {};
    private static final long NEVER = Long.MAX_VALUE;

    private final Random random;
    private final Map<Path, DirectoryEntries> directories = new TreeMap<>();
    private final Set<Path> locked = new HashSet<>();
    private final List<OpenFile> opened = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Map<Kind, Failure> failing = new EnumMap<>(Kind.class);

    private boolean linking = true;
    private boolean mapping;
    private boolean recording;
    private long operationCount;
    private long stopAt = NEVER;
    private boolean stopped;
    private long free = Long.MAX_VALUE / 2;
    private boolean outOfDescriptors;
    private Runnable beforeSync = () -> {};
    private Runnable beforeRead = () -> {};

    /// Counts crashes: files and locks of an earlier life are dead.
    private int life;

    /// An empty disk.
    public FaultyDisk(long seed) {
        random = new Random(seed);
    }

    /// A disk on which these files are, all synced.
    public static FaultyDisk holding(Map<Path, byte[]> files) {
        FaultyDisk disk = new FaultyDisk(0);
        files.forEach(disk::plant);
        return disk;
    }

    /// Puts a file there, or other bytes into one, as if it had always been so.
    public synchronized void plant(Path file, byte[] bytes) {
        DirectoryEntries entries = directories.computeIfAbsent(parent(file), path -> new DirectoryEntries());
        entries.create(name(file), Inode.holding(bytes));
        entries.sync();
    }

    /// Changes a byte of a file in place, as decay does: those who have it open see that, too.
    public synchronized void damage(Path file, int offset) throws NoSuchFileException {
        Inode inode = existing(file);
        inode.write(offset, new byte[] {(byte) ~inode.bytes()[offset]});
    }

    /// Flips a bit of a file in place, anywhere.
    public synchronized void damage(Path file, RandomGenerator luck) throws NoSuchFileException {
        Inode inode = existing(file);
        if (inode.size() > 0) {
            int offset = luck.nextInt(inode.size());
            inode.write(offset, new byte[] {(byte) (inode.bytes()[offset] ^ 1 << luck.nextInt(Byte.SIZE))});
        }
    }

    /// Stops at an operation from now on: 0 is the next. A write is torn there, anything else is not done.
    public synchronized void stopAt(long operation) {
        stopAt = operationCount + operation;
    }

    /// Stops now.
    public synchronized void stop() {
        stopped = true;
    }

    /// Whether the disk has stopped.
    public synchronized boolean isStopped() {
        return stopped;
    }

    /// Ends the life of the process: its files are closed and its locks released.
    public synchronized void kill() {
        life++;
        locked.clear();
        opened.clear();
        failing.clear();
        stopped = false;
        stopAt = NEVER;
    }

    /// A power failure at its worst: all that is not synced is lost.
    public synchronized void powerFailure() {
        directories.values().forEach(DirectoryEntries::loseAll);
        files().forEach(Inode::loseAll);
        kill();
    }

    /// A power failure that loses what it likes of what is not synced.
    public synchronized void powerFailure(Random luck) {
        directories.values().forEach(entries -> entries.losePart(luck));
        files().forEach(file -> file.losePart(luck));
        kill();
    }

    private Set<Inode> files() {
        Set<Inode> files = new LinkedHashSet<>();
        directories.values().forEach(entries -> files.addAll(entries.all().values()));
        return files;
    }

    /// Lets an operation of a kind fail with an I/O error, once: 1 is the next. A write fails half done.
    public synchronized void fail(Kind kind, int which) {
        failing.put(kind, new Failure(which, ""));
    }

    /// Lets the next operation of a kind on a file whose name ends so fail with an I/O error, once.
    public synchronized void failNext(Kind kind, String ending) {
        failing.put(kind, new Failure(1, ending));
    }

    /// Leaves room for this many more bytes, and for no new file when there are none.
    public synchronized void setFreeBytes(long bytes) {
        free = bytes;
    }

    /// Lets no file be opened, or files be opened again; those that are open stay so.
    public synchronized void setOutOfDescriptors(boolean out) {
        outOfDescriptors = out;
    }

    private void requireDescriptor(Path file) throws IOException {
        if (outOfDescriptors) {
            throw new TooManyOpenFilesException(file, OptionalLong.of(512), new IOException("Too many open files"));
        }
    }

    /// Runs something within each sync of a file, after it was asked for and before it takes effect; other
    /// threads may use the disk meanwhile.
    public synchronized void beforeSync(Runnable action) {
        beforeSync = action;
    }

    /// Runs something before each read of a file: other threads, or the same one, may use the disk meanwhile.
    public synchronized void beforeRead(Runnable action) {
        beforeRead = action;
    }

    /// How many operations there have been.
    public synchronized long operationCount() {
        return operationCount;
    }

    /// Begins to keep a record of all that happens.
    public synchronized void record() {
        recording = true;
    }

    /// What has happened since [#record], in order.
    public synchronized List<Operation> operations() {
        return List.copyOf(operations);
    }

    /// Writes down among the operations what a test has seen.
    public synchronized void note(String text) {
        operations.add(new Operation(Kind.NOTE, text, 0, NO_BYTES));
    }

    /// All files with their bytes, as a process sees them.
    public synchronized Map<Path, byte[]> contents() {
        Map<Path, byte[]> contents = new LinkedHashMap<>();
        directories.forEach((directory, entries) ->
                entries.all().forEach((name, file) -> contents.put(directory.resolve(name), file.bytes())));
        return contents;
    }

    /// The bytes of a file, as a process sees them.
    public synchronized byte[] bytesOf(Path file) throws NoSuchFileException {
        return existing(file).bytes();
    }

    /// The names that the files had which are open, one for each time a file is.
    public synchronized List<Path> openFiles() {
        return opened.stream().map(OpenFile::path).toList();
    }

    /// All files with their bytes as the worst power failure would leave them.
    public synchronized Map<Path, byte[]> survivors() {
        Map<Path, byte[]> contents = new LinkedHashMap<>();
        directories.forEach((directory, entries) ->
                entries.durable().forEach((name, file) -> contents.put(directory.resolve(name), file.durableBytes())));
        return contents;
    }

    @Override
    public synchronized DiskFile create(Path file) throws IOException {
        requireDescriptor(file);
        perform(Kind.CREATE, file);
        DirectoryEntries entries = entries(file);
        if (entries.get(name(file)) != null) {
            throw new FileAlreadyExistsException(file.toString());
        }
        if (free == 0) {
            throw new DiskFullException(file, new IOException("No space left on device"));
        }
        Inode inode = new Inode();
        entries.create(name(file), inode);
        return new OpenFile(file, inode, life);
    }

    @Override
    public synchronized DiskFile open(Path file) throws IOException {
        checkRunning(life);
        requireDescriptor(file);
        return new OpenFile(file, existing(file), life);
    }

    @Override
    public synchronized boolean exists(Path file) throws IOException {
        checkRunning(life);
        DirectoryEntries entries = directories.get(parent(file));
        return directories.containsKey(file) || (entries != null && entries.get(name(file)) != null);
    }

    @Override
    public synchronized List<Path> list(Path directory) throws IOException {
        checkRunning(life);
        return Stream.concat(
                        entriesOf(directory).all().keySet().stream().map(directory::resolve),
                        directories.keySet().stream().filter(path -> directory.equals(path.getParent())))
                .toList();
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        perform(Kind.CREATE_DIRECTORIES, directory);
        for (Path path = directory; path != null; path = path.getParent()) {
            directories.computeIfAbsent(path, key -> new DirectoryEntries());
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        perform(Kind.RENAME, to);
        DirectoryEntries moved = directories.remove(from);
        if (moved != null) {
            directories.put(to, moved);
            return;
        }
        entries(from).rename(name(from), name(to), existing(from));
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
        perform(Kind.DELETE, file);
        DirectoryEntries directory = directories.get(file);
        if (directory != null) {
            if (!directory.all().isEmpty()) {
                throw new DirectoryNotEmptyException(file.toString());
            }
            directories.remove(file);
            return;
        }
        Inode inode = existing(file);
        entries(file).delete(name(file), inode);
        if (names(inode) == 0) {
            free += inode.size();
        }
    }

    @Override
    public synchronized boolean link(Path file, Path name) throws IOException {
        if (!linking) {
            return false;
        }
        perform(Kind.LINK, name);
        if (entries(name).get(name(name)) != null) {
            throw new FileAlreadyExistsException(name.toString());
        }
        entries(name).create(name(name), existing(file));
        return true;
    }

    @Override
    public synchronized int countNames(Path file) throws IOException {
        checkRunning(life);
        return names(existing(file));
    }

    private int names(Inode inode) {
        return (int) directories.values().stream()
                .flatMap(entries -> entries.all().values().stream())
                .filter(inode::equals)
                .count();
    }

    /// Makes it a disk on which a file has one name only.
    public synchronized void cannotLink() {
        linking = false;
    }

    /// Makes it a disk that maps files. In a map, bytes that the file has lost are changed, so that a
    /// reader that still uses them notices.
    public synchronized void mapFiles() {
        mapping = true;
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        DirectoryEntries entries = entriesOf(directory);
        try {
            perform(Kind.SYNC_DIRECTORY, directory);
        } catch (PowerFailureException e) {
            throw e;
        } catch (IOException e) {
            entries.loseUnsynced();
            throw e;
        }
        entries.sync();
    }

    @Override
    public synchronized long freeBytes(Path directory) {
        return free;
    }

    @Override
    public synchronized DirectoryLock lock(Path directory) throws IOException {
        checkRunning(life);
        entriesOf(directory);
        if (!locked.add(directory)) {
            throw new DirectoryInUseException(directory);
        }
        int holder = life;
        AtomicBoolean released = new AtomicBoolean();
        return () -> {
            if (released.compareAndSet(false, true)) {
                unlock(directory, holder);
            }
        };
    }

    private synchronized void unlock(Path directory, int holder) {
        if (holder == life) {
            locked.remove(directory);
        }
    }

    private void perform(Kind kind, Path path) throws IOException {
        perform(kind, path, 0, NO_BYTES);
    }

    /// Counts an operation that is about to be done, unless it is its turn to fail.
    private void perform(Kind kind, Path path, long position, byte[] bytes) throws IOException {
        checkRunning(life);
        if (operationCount == stopAt) {
            stopped = true;
            throw new PowerFailureException();
        }
        operationCount++;
        failIfDue(kind, path);
        if (recording) {
            operations.add(new Operation(kind, path.toString(), position, bytes));
        }
    }

    private void failIfDue(Kind kind, Path path) throws IOException {
        Failure failure = failing.get(kind);
        if (failure == null || !path.toString().endsWith(failure.ending())) {
            return;
        }
        if (failure.which() > 1) {
            failing.put(kind, new Failure(failure.which() - 1, failure.ending()));
            return;
        }
        failing.remove(kind);
        throw new IOException(path + ": Input/output error");
    }

    private void checkRunning(int user) throws PowerFailureException {
        if (stopped || user != life) {
            throw new PowerFailureException();
        }
    }

    private DirectoryEntries entries(Path file) throws NoSuchFileException {
        return entriesOf(parent(file));
    }

    private DirectoryEntries entriesOf(Path directory) throws NoSuchFileException {
        DirectoryEntries entries = directories.get(directory);
        if (entries == null) {
            throw new NoSuchFileException(directory.toString());
        }
        return entries;
    }

    private Inode existing(Path file) throws NoSuchFileException {
        Inode inode = entries(file).get(name(file));
        if (inode == null) {
            throw new NoSuchFileException(file.toString());
        }
        return inode;
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " is in no directory");
        }
        return parent;
    }

    private static String name(Path file) {
        Path name = file.getFileName();
        if (name == null) {
            throw new IllegalArgumentException(file + " has no name");
        }
        return name.toString();
    }

    private final class OpenFile implements DiskFile {

        private final Path path;
        private final Inode inode;
        private final int user;
        private boolean closed;

        OpenFile(Path path, Inode inode, int user) {
            this.path = path;
            this.inode = inode;
            this.user = user;
            opened.add(this);
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public long size() throws IOException {
            synchronized (FaultyDisk.this) {
                checkUsable();
                return inode.size();
            }
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            Runnable action;
            synchronized (FaultyDisk.this) {
                checkUsable();
                action = beforeRead;
            }
            action.run();
            synchronized (FaultyDisk.this) {
                checkUsable();
                failIfDue(Kind.READ, path);
                return inode.read(into, position);
            }
        }

        @Override
        public Optional<MemorySegment> map(long from, long bytes, Supplier<Arena> arena) throws IOException {
            synchronized (FaultyDisk.this) {
                checkUsable();
                return mapping
                        ? Optional.of(MemorySegment.ofArray(inode.map((int) from, (int) bytes)))
                        : Optional.empty();
            }
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            synchronized (FaultyDisk.this) {
                checkUsable();
                byte[] bytes = new byte[from.remaining()];
                from.get(bytes);
                try {
                    perform(Kind.WRITE, path, position, bytes);
                } catch (IOException e) {
                    put(position, bytes, random.nextInt(bytes.length + 1));
                    throw e;
                }
                long growth = Math.max(0, position + bytes.length - inode.size());
                if (growth > free) {
                    put(position, bytes, (int) Math.max(0, bytes.length - (growth - free)));
                    throw new DiskFullException(path, new IOException("No space left on device"));
                }
                put(position, bytes, bytes.length);
            }
        }

        @Override
        public void reserve(long from, long to, Syncs syncs) throws IOException {
            synchronized (FaultyDisk.this) {
                checkUsable();
                int size = inode.size();
                byte[] zeros = new byte[(int) Math.max(0, to - size)];
                try {
                    perform(Kind.RESERVE, path, size, zeros);
                } catch (IOException e) {
                    put(size, zeros, random.nextInt(zeros.length + 1));
                    throw e;
                }
                if (zeros.length > free) {
                    throw new DiskFullException(path, new IOException("No space left on device"));
                }
                put(size, zeros, zeros.length);
            }
        }

        private void put(long position, byte[] bytes, int length) {
            if (length > 0) {
                free -= Math.max(0, position + length - inode.size());
                inode.write((int) position, length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FaultyDisk.this) {
                checkUsable();
                perform(Kind.TRUNCATE, path, size, NO_BYTES);
                free += Math.max(0, inode.size() - size);
                inode.truncate((int) size);
            }
        }

        @Override
        public void sync() throws IOException {
            long changes;
            Runnable action;
            synchronized (FaultyDisk.this) {
                checkUsable();
                changes = inode.changes();
                action = beforeSync;
            }
            action.run();
            synchronized (FaultyDisk.this) {
                checkUsable();
                try {
                    perform(Kind.SYNC, path);
                } catch (PowerFailureException e) {
                    throw e;
                } catch (IOException e) {
                    inode.loseUnsynced();
                    throw e;
                }
                inode.sync(changes);
            }
        }

        @Override
        public void close() {
            synchronized (FaultyDisk.this) {
                closed = true;
                opened.remove(this);
            }
        }

        private void checkUsable() throws IOException {
            checkRunning(user);
            if (closed) {
                throw new ClosedChannelException();
            }
        }
    }
}
