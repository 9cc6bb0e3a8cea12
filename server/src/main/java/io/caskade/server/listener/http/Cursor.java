package io.caskade.server.listener.http;

import java.nio.ByteBuffer;
import java.util.Base64;

/// Where a listing goes on; opaque to clients.
///
/// @param position in the partition; 0 for its start
record Cursor(int partition, long position) {

    private static final byte FORMAT = 1;
    private static final int BYTES = Byte.BYTES + Integer.BYTES + Long.BYTES;

    static final Cursor START = new Cursor(0, 0);

    String text() {
        byte[] bytes = ByteBuffer.allocate(BYTES)
                .put(FORMAT)
                .putInt(partition)
                .putLong(position)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// @param partitions how many there are
    /// @throws HttpFailure when it is not the text of a cursor
    static Cursor parse(String text, int partitions) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw invalid();
        }
        if (bytes.length != BYTES || bytes[0] != FORMAT) {
            throw invalid();
        }
        Cursor cursor = new Cursor(
                ByteBuffer.wrap(bytes).getInt(Byte.BYTES),
                ByteBuffer.wrap(bytes).getLong(Byte.BYTES + Integer.BYTES));
        if (cursor.partition < 0
                || cursor.partition >= partitions
                || !cursor.text().equals(text)) {
            throw invalid();
        }
        return cursor;
    }

    private static HttpFailure invalid() {
        return HttpFailure.invalid("the parameter cursor is none that a listing returned");
    }
}
