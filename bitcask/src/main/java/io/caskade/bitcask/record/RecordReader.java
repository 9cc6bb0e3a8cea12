package io.caskade.bitcask.record;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Reads single records, most of them with one read of the file.
public final class RecordReader {

    /// What one read brings: a header, a key and a value of common sizes.
    private static final int FIRST_READ = 1024;

    private RecordReader() {}

    /// The bytes of a record, whose checksum is not checked.
    public static ByteBuffer read(DiskFile file, long offset) throws IOException {
        ByteBuffer bytes = LittleEndian.allocate(FIRST_READ);
        file.read(bytes, offset);
        bytes.flip();
        if (bytes.limit() < RecordFormat.HEADER_BYTES) {
            throw new DamagedLogException(file.path(), offset, 0, "the file ends before the record");
        }
        int claimed = RecordFormat.trustedLength(bytes, 0);
        if (claimed > bytes.limit() && claimed <= file.size() - offset) {
            bytes = LittleEndian.allocate(claimed).put(bytes);
            file.read(bytes, offset + bytes.position());
            bytes.flip();
        }
        bytes.limit(Math.min(bytes.limit(), Math.max(claimed, RecordFormat.HEADER_BYTES)));
        return bytes;
    }

    /// An intact record's bytes.
    public static @Nullable ByteBuffer copy(ByteBuffer bytes, int at, byte @Nullable [] key) {
        int length = RecordFormat.trustedLength(bytes, at);
        byte[] copy = new byte[length];
        bytes.get(at, copy);
        ByteBuffer record = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        return RecordFormat.isIntact(record, 0, length) ? record : null;
    }

    /// Decodes the record at `at`.
    ///
    /// @param offset of the record in its file
    public static <T> T use(
            Path path, long offset, ByteBuffer bytes, int at, byte @Nullable [] key, RecordDecoder<T> use)
            throws DamagedLogException {
        T made = RecordFormat.lengthAt(bytes, at) < 0 ? null : use.of(bytes, at, key);
        if (made == null) {
            long sequence = RecordFormat.sequence(bytes, at);
            throw new DamagedLogException(path, offset, sequence, "the record's checksum does not match");
        }
        return made;
    }
}
