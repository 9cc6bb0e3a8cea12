package io.caskade.bench.scale;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.caskade.bench.time.Pause;
import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.ControllerEpoch;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.server.controller.Controller;
import io.caskade.server.zookeeper.CuratorCoordinator;
import io.caskade.server.zookeeper.EmbeddedZooKeeper;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a ZooKeeper has to do for a cluster of some size, counted by a real one; the nodes are only what they
/// are to ZooKeeper.
///
/// @param nodes of the cluster
/// @param partitions of the cluster
/// @param znodeBytes the stored data, per partition
/// @param watches all nodes' watches
/// @param joinPackets requests and replies for one node to read everything
/// @param failoverPackets requests, replies and events from the loss of a node until every other one knows each
///     of its partitions' new leader
/// @param elections how many partitions it led
/// @param transactions how many transactions elected their leaders
/// @param failoverMillis how long that took
record ZooKeeperTraffic(
        int nodes,
        int partitions,
        long znodeBytes,
        long watches,
        long joinPackets,
        long failoverPackets,
        int elections,
        int transactions,
        double failoverMillis) {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(2);
    private static final double NANOS_PER_MILLI = 1e6;
    private static final String COMMANDS = "zookeeper.4lw.commands.whitelist";

    /// Measures it with a ZooKeeper of its own.
    ///
    /// @param directory empty
    static ZooKeeperTraffic measure(int nodes, int partitions, Path directory)
            throws IOException, InterruptedException, CoordinationException, ExecutionException {
        System.setProperty(COMMANDS, "mntr");
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(
                        new HostPort("127.0.0.1", 0), directory.resolve("zookeeper"), reason -> {
                            throw new IllegalStateException(reason);
                        });
                Cluster cluster = new Cluster(server.address(), directory)) {
            return cluster.measure(nodes, partitions);
        }
    }

    /// The nodes, as ZooKeeper sees them.
    private static final class Cluster implements AutoCloseable {

        private final HostPort server;
        private final Path directory;
        private final Deque<CuratorCoordinator> open = new ArrayDeque<>();
        private final List<Newest> images = new ArrayList<>();

        Cluster(HostPort server, Path directory) {
            this.server = server;
            this.directory = directory;
        }

        ZooKeeperTraffic measure(int nodes, int partitions)
                throws IOException, InterruptedException, CoordinationException, ExecutionException {
            ClusterImage healthy = SyntheticCluster.of(nodes, partitions);
            join(0, healthy);
            Election election = new Election();
            Coordinator controller = open.getFirst();
            controller.joinControllerElection(SyntheticCluster.id(0), election);
            ControllerEpoch epoch = election.epoch.get();
            List<ControllerWrite> created = healthy.partitions().values().stream()
                    .<ControllerWrite>map(state -> new ControllerWrite.CreatePartition(state.value()))
                    .toList();
            write(controller, epoch, created);
            for (int number = 1; number < nodes - 1; number++) {
                join(number, healthy);
            }
            awaitAll(image -> image.partitions().size() == partitions);
            long beforeJoin = value("zk_packets_received") + value("zk_packets_sent");
            join(nodes - 1, healthy);
            awaitAll(image ->
                    image.partitions().size() == partitions && image.nodes().size() == nodes);
            long joined = value("zk_packets_received") + value("zk_packets_sent") - beforeJoin;
            long bytes = value("zk_approximate_data_size") / partitions;
            long watches = value("zk_watch_count");
            String lost = SyntheticCluster.id(nodes - 1);
            List<ControllerWrite> elections = elections(lost, healthy);
            long before = value("zk_packets_received") + value("zk_packets_sent");
            long start = System.nanoTime();
            open.removeLast().close();
            images.removeLast();
            int transactions = write(controller, epoch, elections);
            awaitAll(image -> SyntheticCluster.ledBy(lost, image).findAny().isEmpty());
            return new ZooKeeperTraffic(
                    nodes,
                    partitions,
                    bytes,
                    watches,
                    joined,
                    value("zk_packets_received") + value("zk_packets_sent") - before,
                    elections.size(),
                    transactions,
                    (System.nanoTime() - start) / NANOS_PER_MILLI);
        }

        private static List<ControllerWrite> elections(String lost, ClusterImage healthy) {
            return SyntheticCluster.ledBy(lost, healthy)
                    .<ControllerWrite>map(state -> {
                        String next = state.replicas().get(1);
                        PartitionState elected = state.withLeadership(
                                new NodeIncarnation(next, "incarnation"), state.epoch() + 1, state.isr());
                        return new ControllerWrite.ChangePartition(elected, 0);
                    })
                    .toList();
        }

        private void join(int number, ClusterImage healthy)
                throws CoordinationException, InterruptedException, ExecutionException {
            CuratorCoordinator coordinator = CuratorCoordinator.connect(
                    new ZooKeeperConfig(
                            HostPorts.of(server),
                            false,
                            "/scale",
                            Duration.ofSeconds(30),
                            Duration.ofSeconds(30),
                            Optional.empty(),
                            Optional.empty()),
                    directory.resolve("session-" + number),
                    error -> {
                        throw error;
                    });
            open.addLast(coordinator);
            ClusterSettings settings = healthy.settings();
            coordinator
                    .bootstrap(new BootstrapData(settings, new ClusterSecret(new byte[ClusterSecret.SEED_BYTES])))
                    .toCompletableFuture()
                    .get();
            Newest newest = new Newest();
            coordinator.subscribe(newest);
            images.addLast(newest);
            coordinator
                    .register(healthy.node(SyntheticCluster.id(number)).orElseThrow())
                    .toCompletableFuture()
                    .get();
        }

        private static int write(Coordinator controller, ControllerEpoch epoch, List<ControllerWrite> writes)
                throws InterruptedException, ExecutionException {
            int transactions = 0;
            for (int from = 0; from < writes.size(); from += Controller.WRITES_AT_ONCE) {
                List<ControllerWrite> batch =
                        writes.subList(from, Math.min(from + Controller.WRITES_AT_ONCE, writes.size()));
                ControllerWriteResult result =
                        controller.write(epoch, batch).toCompletableFuture().get();
                if (!(result instanceof ControllerWriteResult.Done)) {
                    throw new IllegalStateException("a transaction failed: " + result);
                }
                transactions++;
            }
            return transactions;
        }

        private void awaitAll(Predicate<ClusterImage> condition) {
            await(() -> images.stream().allMatch(newest -> newest.image != null && condition.test(newest.image)));
        }

        private static void await(BooleanSupplier condition) {
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the nodes do not agree after " + TIMEOUT.toSeconds() + " s");
                }
                Pause.of(POLL);
            }
        }

        /// One of the numbers that ZooKeeper keeps about itself.
        private long value(String name) throws IOException {
            try (Socket socket = new Socket(server.host(), server.port())) {
                socket.getOutputStream().write("mntr".getBytes(US_ASCII));
                socket.getOutputStream().flush();
                String all = new String(socket.getInputStream().readAllBytes(), US_ASCII);
                return all.lines()
                        .map(line -> line.split("\t"))
                        .filter(line -> line.length == 2 && line[0].equals(name))
                        .map(line -> Long.parseLong(line[1]))
                        .findFirst()
                        .orElseThrow(() -> new IOException("ZooKeeper does not say " + name + ": " + all));
            }
        }

        @Override
        public void close() {
            while (!open.isEmpty()) {
                open.removeLast().close();
            }
        }
    }

    /// Keeps the newest image.
    private static final class Newest implements Coordinator.Observer {

        private volatile @Nullable ClusterImage image;

        @Override
        public void imageChanged(ClusterImage changed) {
            image = changed;
        }
    }

    /// Waits to be elected.
    private static final class Election implements Coordinator.ControllerCandidate {

        private final CompletableFuture<ControllerEpoch> epoch = new CompletableFuture<>();

        @Override
        public void elected(ControllerEpoch elected) {
            epoch.complete(elected);
        }

        @Override
        public void deposed(ControllerEpoch ended) {}
    }
}
