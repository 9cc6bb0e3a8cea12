package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/// Reads single records, most of them with one read of the file.
final class RecordReader {

    /// What one read brings: a header, a key and a value of common sizes.
    private static final int FIRST_READ = 1024;

    private RecordReader() {}

    static ByteBuffer read(DiskFile file, long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(FIRST_READ).order(ByteOrder.LITTLE_ENDIAN);
        file.read(bytes, offset);
        bytes.flip();
        if (bytes.limit() < RecordFormat.HEADER_BYTES) {
            throw new DamagedLogException(file.path(), offset, 0, "the file ends before the record");
        }
        int claimed = RecordFormat.trustedLength(bytes, 0);
        if (claimed > bytes.limit() && claimed <= file.size() - offset) {
            bytes = ByteBuffer.allocate(claimed).order(ByteOrder.LITTLE_ENDIAN).put(bytes);
            file.read(bytes, offset + bytes.position());
            bytes.flip();
        }
        bytes.limit(Math.min(bytes.limit(), Math.max(claimed, RecordFormat.HEADER_BYTES)));
        check(file.path(), offset, bytes);
        return bytes;
    }

    /// Refuses bytes that are not one whole, intact record.
    static void check(Path path, long offset, ByteBuffer bytes) throws DamagedLogException {
        int length = RecordFormat.lengthAt(bytes, 0);
        if (length != bytes.limit() || !RecordFormat.isIntact(bytes, 0, length)) {
            long sequence = RecordFormat.sequence(bytes, 0);
            throw new DamagedLogException(path, offset, sequence, "the record's checksum does not match");
        }
    }
}
