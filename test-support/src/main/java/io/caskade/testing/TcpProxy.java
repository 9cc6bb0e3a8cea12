package io.caskade.testing;

import io.caskade.settings.HostPort;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Forwards TCP connections on loopback to a server, and breaks or silences them on demand. Thread-safe.
public final class TcpProxy implements AutoCloseable {

    private static final int BUFFER_BYTES = 8192;

    private final HostPort server;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.FORWARD;

    private enum Mode {
        FORWARD,
        REQUESTS_ONLY,
        BLACKHOLE
    }

    /// Starts a proxy that forwards everything to a server.
    public TcpProxy(HostPort server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().name("proxy").start(this::accept);
    }

    /// Where clients connect.
    public HostPort address() {
        return new HostPort("127.0.0.1", listener.getLocalPort());
    }

    /// Breaks every connection, and every new one as soon as it is accepted.
    public void cut() {
        mode = Mode.BLACKHOLE;
        closeAll();
    }

    /// Breaks every connection once; new ones are forwarded.
    public void dropConnections() {
        closeAll();
    }

    /// Keeps the connections open, forwards requests and discards responses.
    public void swallowResponses() {
        mode = Mode.REQUESTS_ONLY;
    }

    /// Keeps the connections open and discards everything, like a pulled cable.
    public void swallow() {
        mode = Mode.BLACKHOLE;
    }

    /// Forwards everything again, on new connections.
    public void heal() {
        mode = Mode.FORWARD;
        closeAll();
    }

    @Override
    public void close() throws IOException {
        cut();
        listener.close();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (mode != Mode.FORWARD) {
                    client.close();
                    continue;
                }
                Socket upstream = new Socket(server.host(), server.port());
                sockets.add(client);
                sockets.add(upstream);
                Thread.ofVirtual().start(() -> forward(client, upstream, false));
                Thread.ofVirtual().start(() -> forward(upstream, client, true));
            } catch (IOException e) {
                // The server is down or the proxy is closed; clients must see their connections break.
                closeAll();
            }
        }
    }

    private void forward(Socket from, Socket to, boolean responses) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (mode == Mode.FORWARD || (mode == Mode.REQUESTS_ONLY && !responses)) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException e) {
            // Broken by either side or on purpose; both ends are closed now, so nothing is left to do.
            sockets.remove(from);
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void closeAll() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new AssertionError("a socket on loopback failed to close", e);
            }
        }
    }
}
