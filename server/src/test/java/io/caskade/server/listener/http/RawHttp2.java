package io.caskade.server.listener.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/// An HTTP/2 client that begins without an upgrade and sends paths as they are.
final class RawHttp2 implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int FRAME_HEADER = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int GO_AWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private final Socket socket;
    private final DataInputStream in;
    private int nextStream = 1;

    RawHttp2(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        write(SETTINGS, 0, 0, new byte[0]);
    }

    private record Frame(int type, int flags, int stream, byte[] payload) {}

    private void write(int type, int flags, int stream, byte[] payload) throws IOException {
        socket.getOutputStream()
                .write(ByteBuffer.allocate(FRAME_HEADER + payload.length)
                        .put((byte) (payload.length >> 16))
                        .putShort((short) payload.length)
                        .put((byte) type)
                        .put((byte) flags)
                        .putInt(stream)
                        .put(payload)
                        .array());
    }

    private Frame read() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(type, flags, stream, payload);
    }

    /// The body of what is at a path.
    String get(String path) throws IOException {
        return body(ask(path), false);
    }

    /// The body of what is at a path, of a client that sends no more.
    String getAndShutdownOutput(String path) throws IOException {
        int stream = ask(path);
        socket.shutdownOutput();
        return body(stream, true);
    }

    private int ask(String path) throws IOException {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        // HPACK's static table: GET, http; then :authority and :path as literals.
        headers.write(0x82);
        headers.write(0x86);
        headers.writeBytes(new byte[] {0x01, 1, 'x'});
        headers.writeBytes(new byte[] {0x04, (byte) path.length()});
        headers.writeBytes(path.getBytes(ISO_8859_1));
        int stream = nextStream;
        nextStream += 2;
        write(HEADERS, END_STREAM | END_HEADERS, stream, headers.toByteArray());
        return stream;
    }

    private String body(int stream, boolean mayGoAway) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            Frame frame = read();
            if (frame.type() == GO_AWAY && !mayGoAway) {
                throw new IOException("the server goes away: " + new String(frame.payload(), ISO_8859_1));
            }
            if (frame.stream() == stream && frame.type() == DATA) {
                body.writeBytes(frame.payload());
            }
            if (frame.stream() == stream && (frame.flags() & END_STREAM) != 0) {
                return body.toString(UTF_8);
            }
        }
    }

    /// Waits until the server says that it goes away.
    void awaitGoAway() throws IOException {
        while (read().type() != GO_AWAY) {
            // Settings and acknowledgements.
        }
    }

    /// Waits until the server has closed the connection.
    void awaitClose() throws IOException {
        while (in.read() >= 0) {
            // Frames.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
