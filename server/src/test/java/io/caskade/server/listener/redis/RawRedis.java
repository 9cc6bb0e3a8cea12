package io.caskade.server.listener.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;

/// A connection that sends bytes as they are and shows replies as text: `OK`, `(error) ERR no`, `(integer) 1`,
/// `"a string"`, `(nil)`, `[an, array]`, `{a: map}`, `~[a, set]`.
final class RawRedis implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    RawRedis(int port) throws IOException {
        this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    Socket socket() {
        return socket;
    }

    /// Sends bytes, each a character.
    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /// Sends a command as an array.
    void sendCommand(String... words) throws IOException {
        send(command(words));
    }

    static String command(String... words) {
        StringBuilder command = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            command.append('$')
                    .append(word.length())
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        return command.toString();
    }

    /// Sends a line and reads the reply.
    String ask(String line) throws IOException {
        send(line + "\r\n");
        return read();
    }

    /// Sends a command as an array and reads the reply.
    String command(List<String> words) throws IOException {
        sendCommand(words.toArray(String[]::new));
        return read();
    }

    /// Reads a reply.
    ///
    /// @throws EOFException when the connection is closed instead
    String read() throws IOException {
        int type = in.read();
        if (type < 0) {
            throw new EOFException();
        }
        String line = line();
        return switch (type) {
            case '+' -> line;
            case '-' -> "(error) " + line;
            case ':' -> "(integer) " + line;
            case '_' -> "(nil)";
            case '$' -> bulk(Integer.parseInt(line));
            case '=' -> "txt:" + bulk(Integer.parseInt(line)).substring(5);
            case '*' ->
                line.equals("-1") ? "(nil)" : array(Integer.parseInt(line)).toString();
            case '~' -> "~" + array(Integer.parseInt(line));
            case '%' -> map(Integer.parseInt(line));
            default -> throw new IOException("no reply: " + (char) type + line);
        };
    }

    private String line() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int b = in.read();
        while (b != '\r') {
            if (b < 0) {
                throw new EOFException();
            }
            bytes.write(b);
            b = in.read();
        }
        if (in.read() != '\n') {
            throw new IOException("CR without LF");
        }
        return bytes.toString(ISO_8859_1);
    }

    private String bulk(int length) throws IOException {
        if (length < 0) {
            return "(nil)";
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length || in.read() != '\r' || in.read() != '\n') {
            throw new EOFException();
        }
        return '"' + new String(bytes, ISO_8859_1) + '"';
    }

    private List<String> array(int length) throws IOException {
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            elements.add(read());
        }
        return elements;
    }

    private String map(int size) throws IOException {
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            pairs.add(read() + ": " + read());
        }
        return "{" + String.join(", ", pairs) + "}";
    }

    /// Whether the other side closes without another byte.
    boolean isClosed() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            // Reset: closed while bytes were on their way.
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
