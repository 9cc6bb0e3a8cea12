package io.caskade.server.testing;

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

/// Stands between a client and a server on loopback, and breaks what passes: everything, or the answers alone.
/// Safe for use by any thread.
public final class TcpProxy implements AutoCloseable {

    private static final int CHUNK_BYTES = 8192;

    private final HostPort server;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Passing passing = Passing.EVERYTHING;

    private enum Passing {
        EVERYTHING,
        REQUESTS,
        NOTHING
    }

    /// Passes everything on to a server.
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

    /// Breaks every connection, and every new one as it is made.
    public void cut() {
        passing = Passing.NOTHING;
        closeAll();
    }

    /// Passes requests on and swallows what is answered, on the connections there are.
    public void swallowAnswers() {
        passing = Passing.REQUESTS;
    }

    /// Swallows everything, on the connections there are, and tells nobody: as a cable that was pulled.
    public void swallow() {
        passing = Passing.NOTHING;
    }

    /// Passes everything again, on new connections.
    public void heal() {
        passing = Passing.EVERYTHING;
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
                if (passing != Passing.EVERYTHING) {
                    client.close();
                    continue;
                }
                Socket upstream = new Socket(server.host(), server.port());
                sockets.add(client);
                sockets.add(upstream);
                Thread.ofVirtual().start(() -> pump(client, upstream, false));
                Thread.ofVirtual().start(() -> pump(upstream, client, true));
            } catch (IOException e) {
                // The server is down or the proxy closed: the client finds its connection broken, as it should.
                closeAll();
            }
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        byte[] chunk = new byte[CHUNK_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (passing == Passing.EVERYTHING || (passing == Passing.REQUESTS && !answers)) {
                    out.write(chunk, 0, read);
                }
            }
        } catch (IOException e) {
            // Broken by either side or on purpose; both ends are closed now, which is all there is to do.
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
