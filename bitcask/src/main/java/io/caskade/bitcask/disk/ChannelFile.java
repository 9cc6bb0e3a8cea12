package io.caskade.bitcask.disk;

import io.caskade.bitcask.disk.DiskFile.Syncs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file that stays open when its threads are interrupted.
///
/// An interrupt closes a [FileChannel] for all threads. So a read or write that finds the channel closed by an
/// interrupt reopens the file and starts over, and restores the interrupt when it is done. A sync must not be
/// retried, because the second one would not report the first one's error: it uses a channel that no interrupt
/// closes.
///
/// The preallocated part of a rarely synced file is written through a memory map, without a system call. On
/// Linux a sync of the file covers such writes; elsewhere that is not guaranteed, and the file is written
/// normally. With a sync after each write, a map would write too much: it tracks pages, which may be large, not
/// bytes.
final class ChannelFile implements DiskFile {

    private static final Logger LOG = LoggerFactory.getLogger(ChannelFile.class);

    private static final boolean SYNCS_COVER_MAPS =
            System.getProperty("os.name", "").equals("Linux");

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(256 << 10).asReadOnlyBuffer();

    private final Path path;
    private final @Nullable Object fileKey;
    private final boolean writable;

    /// What syncs and truncations go through; null of a file that is only read. Changed under this object's
    /// lock.
    private volatile @Nullable AsynchronousFileChannel whole;

    /// Changed under this object's lock.
    private volatile FileChannel channel;

    private volatile boolean closed;

    /// Used only by the thread that changes the file.
    private @Nullable WriteWindow window;

    private ChannelFile(Path path, FileChannel channel, boolean writable) throws IOException {
        this.path = path;
        this.writable = writable;
        this.channel = channel;
        boolean opened = false;
        try {
            this.whole = writable ? AsynchronousFileChannel.open(path, StandardOpenOption.WRITE) : null;
            this.fileKey = keyOf(path);
            opened = true;
        } finally {
            if (!opened) {
                channel.close();
            }
        }
    }

    /// A file that is created but cannot be opened as a whole is deleted: it would be in the way of the next
    /// attempt.
    static ChannelFile create(Path path) throws IOException {
        return Exhaustion.detect(path, () -> {
            FileChannel created = FileChannel.open(path, options(StandardOpenOption.CREATE_NEW));
            boolean opened = false;
            try {
                ChannelFile file = new ChannelFile(path, created, true);
                opened = true;
                return file;
            } finally {
                if (!opened) {
                    Files.delete(path);
                }
            }
        });
    }

    static ChannelFile open(Path path) throws IOException {
        return Exhaustion.detect(path, () -> new ChannelFile(path, FileChannel.open(path, options()), true));
    }

    static ChannelFile openForReading(Path path) throws IOException {
        return Exhaustion.detect(
                path, () -> new ChannelFile(path, FileChannel.open(path, StandardOpenOption.READ), false));
    }

    private static OpenOption[] options(OpenOption... more) {
        OpenOption[] options = Arrays.copyOf(more, more.length + 2);
        options[more.length] = StandardOpenOption.READ;
        options[more.length + 1] = StandardOpenOption.WRITE;
        return options;
    }

    /// What the system tells a file by, whatever its name is; null where it tells no such thing.
    static @Nullable Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() throws IOException {
        AtomicLong size = new AtomicLong();
        uninterrupted(open -> {
            size.set(open.size());
            return 0;
        });
        return size.get();
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        int start = into.position();
        return uninterrupted(open -> {
            into.position(start);
            while (into.hasRemaining() && open.read(into, position + into.position() - start) >= 0) {}
            return into.position() - start;
        });
    }

    @Override
    public Optional<MemorySegment> map(long from, long bytes, Supplier<Arena> arena) throws IOException {
        AtomicReference<MemorySegment> mapped = new AtomicReference<>();
        uninterrupted(open -> {
            mapped.set(open.map(FileChannel.MapMode.READ_ONLY, from, bytes, arena.get()));
            return 0;
        });
        return Optional.of(mapped.get());
    }

    @Override
    public void reserve(long from, long to, Syncs syncs) throws IOException {
        closeWindow();
        long size = size();
        if (size < to) {
            try {
                for (long at = size; at < to; at += ZEROS.capacity()) {
                    write(ZEROS.slice(0, (int) Math.min(ZEROS.capacity(), to - at)), at);
                }
            } catch (IOException e) {
                truncate(size);
                throw e;
            }
        }
        if (SYNCS_COVER_MAPS && syncs == Syncs.SELDOM && from < to) {
            openWindow(from, to);
        }
    }

    private void openWindow(long from, long to) {
        try {
            uninterrupted(open -> {
                window = WriteWindow.open(open, from, to);
                return 0;
            });
        } catch (IOException e) {
            LOG.warn("{}: cannot be mapped, writes are slower: {}", path, e.getMessage());
        }
    }

    private void closeWindow() {
        WriteWindow open = window;
        if (open != null) {
            window = null;
            open.close();
        }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
        WriteWindow reserved = window;
        if (reserved != null && reserved.covers(position, from.remaining())) {
            writeReserved(reserved, from, position);
        } else {
            writeThrough(from, position);
        }
    }

    private void writeReserved(WriteWindow reserved, ByteBuffer from, long position) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        try {
            reserved.write(from, position);
        } catch (InternalError e) {
            throw new IOException(path + ": the disk failed under a mapped write", e);
        }
    }

    private void writeThrough(ByteBuffer from, long position) throws IOException {
        int start = from.position();
        try {
            uninterrupted(open -> {
                from.position(start);
                while (from.hasRemaining()) {
                    open.write(from, position + from.position() - start);
                }
                return from.position() - start;
            });
        } catch (IOException e) {
            throw Exhaustion.translate(path, e);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        closeWindow();
        whole().truncate(size);
    }

    @Override
    public void sync() throws IOException {
        whole().force(false);
    }

    /// The channels of a file that rests are opened again when they are needed.
    @Override
    public synchronized void rest() throws IOException {
        closeWindow();
        closeChannels();
    }

    private AsynchronousFileChannel whole() throws IOException {
        AsynchronousFileChannel open = whole;
        return open != null && open.isOpen() ? open : reopenWhole();
    }

    private synchronized AsynchronousFileChannel reopenWhole() throws IOException {
        if (!writable) {
            throw new NonWritableChannelException();
        }
        requireSameFile();
        AsynchronousFileChannel opened =
                Exhaustion.detect(path, () -> AsynchronousFileChannel.open(path, StandardOpenOption.WRITE));
        whole = opened;
        return opened;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        closeWindow();
        closeChannels();
    }

    private void closeChannels() throws IOException {
        AsynchronousFileChannel syncing = whole;
        try (syncing) {
            channel.close();
        }
    }

    private interface Transfer {
        int on(FileChannel open) throws IOException;
    }

    private int uninterrupted(Transfer transfer) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                FileChannel open = channel;
                try {
                    return transfer.on(open);
                } catch (ClosedChannelException e) {
                    if (closed) {
                        throw e;
                    }
                    interrupted |= Thread.interrupted();
                    reopen();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void reopen() throws IOException {
        if (channel.isOpen()) {
            return;
        }
        requireSameFile();
        channel = Exhaustion.detect(
                path,
                () -> writable ? FileChannel.open(path, options()) : FileChannel.open(path, StandardOpenOption.READ));
    }

    private void requireSameFile() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (!Objects.equals(fileKey, keyOf(path))) {
            throw new FileSystemException(path.toString(), null, "is another file now");
        }
    }
}
