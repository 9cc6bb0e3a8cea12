package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A buffer that moves over the bytes of a file as its reader does. One thread uses it.
///
/// Bytes that stay in the window are not read again. The window grows when a reader needs more at once than it
/// has room for. A buffer returned by [#bytes] is valid until the next [#load].
public final class FileWindow {

    /// Reads bytes of the file.
    @FunctionalInterface
    public interface Source {
        /// Reads until the buffer is full or the file ends.
        ///
        /// @return the number of bytes read
        int read(ByteBuffer into, long position) throws IOException;
    }

    private static final int MAX_CAPACITY = Integer.MAX_VALUE - 8;

    private final Path path;
    private final long end;
    private final Source source;

    private ByteBuffer bytes = LittleEndian.allocate(0);

    /// The offset in the file of the window's first byte.
    private long from;

    /// A window, still empty, over the bytes `[0, end)` of a file.
    ///
    /// @param path names the file in exceptions
    public FileWindow(Path path, long end, Source source) {
        this.path = path;
        this.end = end;
        this.source = source;
    }

    /// A window, still empty, over a file as long as it is now.
    public static FileWindow over(DiskFile file) throws IOException {
        return new FileWindow(file.path(), file.size(), file::read);
    }

    /// The end of the readable bytes.
    public long end() {
        return end;
    }

    /// Ensures that the window holds the bytes `[at, at + length)`.
    ///
    /// @param keepFrom at most `at`; when the window moves, it moves here
    /// @param ahead about how many bytes to read from there, if there are as many
    /// @return false when the file ends before
    public boolean load(long at, int length, long keepFrom, int ahead) throws IOException {
        if (length > end - at) {
            return false;
        }
        if (at >= from && at + length <= from + bytes.limit()) {
            return true;
        }
        long needed = at + length - keepFrom;
        long wanted = Math.min(Math.max(needed, Math.max(ahead, bytes.capacity())), end - keepFrom);
        boolean overlaps = keepFrom >= from && keepFrom <= from + bytes.limit();
        bytes.position(overlaps ? (int) (keepFrom - from) : bytes.limit());
        ByteBuffer target = wanted > bytes.capacity() ? larger(needed, wanted).put(bytes) : bytes.compact();
        target.limit((int) Math.min(wanted, target.capacity()));
        source.read(target, keepFrom + target.position());
        bytes = target.flip();
        from = keepFrom;
        return at + length <= from + bytes.limit();
    }

    /// At least doubles, so that growing needs do not copy everything each time.
    private ByteBuffer larger(long needed, long wanted) throws IOException {
        if (needed > MAX_CAPACITY) {
            throw new IOException(path + ": a batch of more than " + MAX_CAPACITY + " bytes");
        }
        long doubled = Math.min(2L * bytes.capacity(), end);
        return LittleEndian.allocate((int) Math.min(Math.max(wanted, doubled), MAX_CAPACITY));
    }

    /// The bytes that are loaded, little-endian, from position 0 to the limit.
    public ByteBuffer bytes() {
        return bytes;
    }

    /// The offset in the file of the byte at an index in [#bytes].
    public long offset(int index) {
        return from + index;
    }

    /// The index in [#bytes] of the byte at an offset in the file.
    public int index(long at) {
        return (int) (at - from);
    }
}
