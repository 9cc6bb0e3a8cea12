package io.caskade.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/// Bytes to be written, which grows as needed. For one thread.
public final class OutputBuffer {

    private static final int INITIAL = 4096;

    private ByteBuffer bytes = ByteBuffer.allocate(INITIAL);

    OutputBuffer() {}

    /// Appends bytes.
    public OutputBuffer add(byte[] added) {
        if (bytes.remaining() < added.length) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(bytes.capacity() * 2, bytes.position() + added.length));
            bytes = larger.put(bytes.flip());
        }
        bytes.put(added);
        return this;
    }

    /// Appends ASCII.
    public OutputBuffer add(String text) {
        return add(text.getBytes(StandardCharsets.US_ASCII));
    }

    boolean isEmpty() {
        return bytes.position() == 0;
    }

    /// Writes what the channel takes.
    void writeTo(WritableByteChannel channel) throws IOException {
        bytes.flip();
        channel.write(bytes);
        bytes.compact();
    }
}
