package io.caskade.server.zookeeper;

import io.caskade.settings.HostPort;
import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A ZooKeeper server inside this process, for a standalone node. It stores its data in a directory, synced
/// like that of a separate server, and listens on a loopback address only: it has no peers and authenticates
/// no client. Without the admin server and JMX.
///
/// Thread-safe. [#close()] is idempotent.
public final class EmbeddedZooKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);

    // Sessions expire at a multiple of the tick, and none may be shorter than two: this allows time-outs from 1
    // s.
    private static final int TICK_MILLIS = 500;
    private static final int MIN_SESSION_MILLIS = 1_000;
    private static final int GREATEST_SESSION_MILLIS = 60_000;
    private static final int ANY_NUMBER_OF_CLIENTS = 0;
    private static final int DEFAULT_BACKLOG = -1;
    private static final int SNAPSHOTS_KEPT = 3;
    private static final int HOURS_BETWEEN_PURGES = 1;

    private final QuietConnections connections;
    private final DatadirCleanupManager purging;
    private final FileTxnSnapLog files;
    private final HostPort address;

    private EmbeddedZooKeeper(
            QuietConnections connections, DatadirCleanupManager purging, FileTxnSnapLog files, HostPort address) {
        this.connections = connections;
        this.purging = purging;
        this.files = files;
        this.address = address;
    }

    /// Starts a server with its data in `directory`, created if it is missing, and listens at `connect`, a
    /// loopback address; port 0 picks a free port. Returns when clients are served.
    ///
    /// @param onFailure called with the reason when the server stops unexpectedly, for instance after a disk
    ///     failure; on a thread of the server
    /// @throws IOException with a printable message: the address is in use or not local, or the directory
    ///     cannot be used
    public static EmbeddedZooKeeper start(HostPort connect, Path directory, Consumer<String> onFailure)
            throws IOException, InterruptedException {
        InetAddress host = InetAddress.getByName(connect.host());
        if (!host.isLoopbackAddress()) {
            throw new IOException(
                    "zookeeper.connect " + connect + ": not a loopback address, and zookeeper.embedded is true");
        }
        QuietConnections connections = bind(connect, new InetSocketAddress(host, connect.port()));
        boolean started = false;
        try {
            EmbeddedZooKeeper server = start(connections, connect, directory, onFailure);
            started = true;
            return server;
        } finally {
            if (!started) {
                connections.shutdown();
            }
        }
    }

    private static EmbeddedZooKeeper start(
            QuietConnections connections, HostPort connect, Path directory, Consumer<String> onFailure)
            throws IOException, InterruptedException {
        File data = Files.createDirectories(directory).toFile();
        FileTxnSnapLog files = new FileTxnSnapLog(data, data);
        boolean started = false;
        try {
            connections.startup(new QuietServer(files, onFailure));
            DatadirCleanupManager purging = new DatadirCleanupManager(data, data, SNAPSHOTS_KEPT, HOURS_BETWEEN_PURGES);
            purging.start();
            started = true;
            HostPort address = new HostPort(connect.host(), connections.getLocalPort());
            LOG.info("an embedded ZooKeeper listens at {} and keeps its data in {}", address, directory);
            return new EmbeddedZooKeeper(connections, purging, files, address);
        } finally {
            if (!started) {
                files.close();
            }
        }
    }

    private static QuietConnections bind(HostPort connect, InetSocketAddress address) throws IOException {
        QuietConnections connections = new QuietConnections();
        try {
            connections.configure(address, ANY_NUMBER_OF_CLIENTS, DEFAULT_BACKLOG, false);
            return connections;
        } catch (BindException e) {
            connections.shutdown();
            throw new IOException(
                    "zookeeper.connect " + connect
                            + ": address already in use, or not local; stop the process that listens"
                            + " there, choose another port, or set zookeeper.embedded to false to use that ZooKeeper",
                    e);
        }
    }

    /// The address for clients, with the actual port.
    public HostPort address() {
        return address;
    }

    /// Stops serving and closes the files. Everything acknowledged is already on disk, so a full disk loses
    /// nothing.
    @Override
    public void close() {
        purging.shutdown();
        connections.shutdown();
        try {
            files.close();
        } catch (IOException e) {
            LOG.warn("the embedded ZooKeeper could not write changes that it has not acknowledged: {}", e.getMessage());
        }
    }

    private static final class QuietServer extends ZooKeeperServer {

        private final Consumer<String> onFailure;

        QuietServer(FileTxnSnapLog files, Consumer<String> onFailure) {
            super(
                    files,
                    TICK_MILLIS,
                    MIN_SESSION_MILLIS,
                    GREATEST_SESSION_MILLIS,
                    DEFAULT_BACKLOG,
                    new ZKDatabase(files),
                    "");
            this.onFailure = onFailure;
        }

        @Override
        protected void registerJMX() {
            // An embedded server is not managed separately.
        }

        @Override
        protected void unregisterJMX() {
            // Nothing was registered.
        }

        @Override
        protected void setState(State state) {
            super.setState(state);
            if (state == State.ERROR) {
                onFailure.accept("the embedded ZooKeeper has stopped; see its log");
            }
        }
    }

    private static final class QuietConnections extends NIOServerCnxnFactory {

        @Override
        public void registerConnection(ServerCnxn connection) {
            // Not registered in JMX, like the server itself.
        }
    }
}
