package io.caskade.bench.cluster;

import io.caskade.bench.process.CaskadeNodes;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.ClientConfig;
import io.caskade.client.ClusterView;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The cluster that is measured: one that is running, or one that is started for this, which is ended and
/// removed when this is closed. Not safe for use by several threads.
final class MeasuredCluster implements AutoCloseable {

    /// Where the servers that a benchmark starts keep their data: on the disk that the project is on.
    static final Path SCRATCH = Path.of("bench", "target", "servers");

    private static final Path HOME = Path.of("").toAbsolutePath();
    private static final int CONNECT_MILLIS = 500;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final AsyncCaskadeClient client;
    private final @Nullable CaskadeNodes own;

    private MeasuredCluster(AsyncCaskadeClient client, @Nullable CaskadeNodes own) {
        this.client = client;
        this.own = own;
    }

    /// Connects to the cluster that the settings name.
    static MeasuredCluster connect(ClientConfig settings, PrintStream out) {
        out.println("measuring the running cluster at " + settings.zookeeper().connect());
        return new MeasuredCluster(AsyncCaskadeClient.create(settings), null);
    }

    /// Starts a cluster and connects to it.
    ///
    /// @param settings of the client, but for the place
    static MeasuredCluster start(ClientConfig settings, PrintStream out) throws IOException {
        out.println("starting a cluster of its own, in " + SCRATCH);
        CaskadeNodes own = CaskadeNodes.startCluster(HOME, SCRATCH);
        return new MeasuredCluster(own.connect(settings), own);
    }

    /// Whether anything listens where a cluster's ZooKeeper should.
    static boolean isRunning(HostPorts zookeeper) {
        return zookeeper.all().stream().anyMatch(MeasuredCluster::listens);
    }

    private static boolean listens(HostPort address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.host(), address.port()), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    AsyncCaskadeClient client() {
        return client;
    }

    /// When it said that it serves, as `System.nanoTime()` counts; empty when it was running already.
    OptionalLong readyNanos() {
        return own == null ? OptionalLong.empty() : OptionalLong.of(own.readyNanos());
    }

    /// Describes it in a line, as it is when all of it serves: one that was started for this is waited for.
    String shape() {
        if (own != null) {
            new ClusterWatch(client).awaitHealthy(TIMEOUT);
        }
        return ClusterWatch.shape(client);
    }

    /// Its processes.
    ///
    /// @param running those of a cluster that was running already
    ClusterProcesses processes(ClusterProcesses running) {
        return own == null ? running : new ClusterProcesses(own.directory(), own::startAgain);
    }

    /// The nodes' process ids.
    ///
    /// @param running knows those of a cluster that was running already
    List<Long> pids(ClusterProcesses running) {
        return own != null
                ? own.pids()
                : new ClusterWatch(client)
                        .view().nodes().stream()
                                .map(ClusterView.Node::id)
                                .map(running::pid)
                                .toList();
    }

    @Override
    public void close() {
        client.close();
        if (own != null) {
            own.close();
        }
    }
}
