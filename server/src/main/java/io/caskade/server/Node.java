package io.caskade.server;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.OpenFileLimit;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.command.Limits;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.lifecycle.IgnoredSettings;
import io.caskade.server.lifecycle.MemoryNeed;
import io.caskade.server.lifecycle.NodeDirectory;
import io.caskade.server.lifecycle.NodeThreads;
import io.caskade.server.lifecycle.OpenFilesNeed;
import io.caskade.server.lifecycle.Readiness;
import io.caskade.server.lifecycle.SessionWatch;
import io.caskade.server.lifecycle.ShutdownSequence;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.http.HttpListener;
import io.caskade.server.listener.redis.command.Membership;
import io.caskade.server.listener.redis.command.ServerIdentity;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.metrics.NodeMetrics;
import io.caskade.server.partition.CommandRouter;
import io.caskade.server.partition.NodeBudgets;
import io.caskade.server.partition.ReplicaManager;
import io.caskade.server.replica.CatchUpThrottle;
import io.caskade.server.transport.Transport;
import io.caskade.server.zookeeper.CuratorCoordinator;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts all components and stops them in reverse order.
///
/// Thread-safe.
public final class Node implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final ServerConfig config;
    private final ShutdownSequence shutdown;
    private final NodeFailure failure = new NodeFailure();
    private final NodeAddresses addresses;

    private Node(ServerConfig file, ShutdownSequence shutdown) throws StartupException, InterruptedException {
        this.shutdown = shutdown;
        requireMemory(file);
        NodeIncarnation self =
                new NodeIncarnation(file.node().id(), UUID.randomUUID().toString());
        NodeDirectory directory = NodeDirectory.open(file.dataDir());
        shutdown.push("the data directory", directory);
        NodeCluster cluster = NodeCluster.connect(file, self, directory, failure, shutdown);
        this.config = cluster.config();
        CuratorCoordinator coordinator = cluster.coordinator();
        NodeThreads threads = NodeThreads.start(failure::report);
        shutdown.push("the event loops", threads.loops());
        Transport transport = openTransport(cluster, threads.loops());

        CommandRouter router = new CommandRouter(
                cluster.partitions(), new Limits(config.storage().maxValueSize().toIntBytes()));
        MemoryNeed memory = MemoryNeed.of(config, cluster.partitions());
        NodeBudgets budgets = new NodeBudgets(memory.maxWriteBytes(), memory.maxAppendBytes(), throttle(coordinator));
        logNeeds(memory, cluster.partitions());
        NodePartitions hosted = NodePartitions.host(cluster, directory, threads, transport, router, budgets, shutdown);
        ReplicaManager partitions = hosted.manager();
        transport.deliverTo(partitions);
        NodeAdmin admin = new NodeAdmin(self, partitions, coordinator, coordinator);
        ReadBudget reads = new ReadBudget(config.limits().reads().bytes());
        NodeMetrics metrics = new NodeMetrics(admin, partitions::image, reads::used);
        shutdown.push("the metrics", metrics);
        NodeProxy proxy = new NodeProxy(config, self, router, threads, budgets);
        shutdown.push("the connections of proxied requests", proxy);
        proxy.showIn(metrics);
        SessionWatch session = new SessionWatch();
        coordinator.subscribe(session);
        NodeListeners listeners = NodeListeners.open(
                config,
                new NodeListeners.Dependencies(
                        proxy,
                        admin,
                        metrics,
                        new HttpListener.Cluster(self.node(), partitions::image),
                        new ServerIdentity(
                                self.node(),
                                self.incarnation(),
                                Version.current(),
                                partitions::image,
                                new Membership(session::state, partitions::holdsLease),
                                config.storage().durability() == Durability.SYNC),
                        threads.loops(),
                        reads),
                shutdown);
        this.addresses = listeners.addresses(
                ListenerAddress.of(
                        config.listeners().replication().bind(),
                        transport.port(),
                        config.listeners().replication().advertisedAt(transport.port())),
                cluster.zookeeper());
        cluster.register(addresses);
        coordinator.subscribe(transport);
        coordinator.subscribe(partitions);
        proxy.subscribeTo(coordinator);
        coordinator.subscribe(new IgnoredSettings(file, LOG::warn));
        coordinator.subscribe(new Readiness(self.node(), listeners::setInSync));
        partitions
                .failure()
                .whenComplete((_, refusal) ->
                        failure.report(new StartupException(String.valueOf(refusal.getMessage()), refusal)));
        cluster.joinControllerElection();

        failure.await(partitions.ready(), "its partitions");
        listeners.setServing();
        // Leadership moves first, while the node is registered; otherwise followers elect leaders and wait for
        // its leases to expire.
        listeners.pushClose();
        shutdown.push("the partitions", hosted::stop);
        shutdown.push("the requests that wait for a leader", proxy::stop);
    }

    private static void requireMemory(ServerConfig config) throws StartupException {
        Optional<String> impossibility =
                MemoryNeed.of(config, config.cluster().partitions()).impossibility();
        if (impossibility.isPresent()) {
            throw new StartupException(impossibility.get());
        }
    }

    private static void logNeeds(MemoryNeed memory, int partitions) {
        new OpenFilesNeed(partitions).shortageAt(OpenFileLimit.ofProcess()).ifPresent(LOG::warn);
        LOG.info(memory.summary());
        memory.shortage().ifPresent(LOG::warn);
    }

    /// Opens the transport; closed after the partitions, which need it to transfer leadership.
    private Transport openTransport(NodeCluster cluster, EventLoops loops) throws StartupException {
        ReplicationTiming timing = ReplicationTiming.of(config);
        Transport transport = ListenerBinding.bind(
                "listeners.replication.bind",
                config.listeners().replication().bind(),
                address -> Transport.open(
                        address, cluster.bootstrap().settings().clusterId(), cluster.self(), timing.shared(), loops));
        shutdown.push("the connections with other nodes", transport::close);
        transport.pace(timing.pacing());
        return transport;
    }

    private CatchUpThrottle throttle(Coordinator coordinator) {
        CatchUpThrottle throttle =
                new CatchUpThrottle(config.cluster().moveRate().bytes());
        coordinator.subscribe(image ->
                Optional.ofNullable(image.shared()).ifPresent(shared -> throttle.setRate(shared.moveRateBytes())));
        return throttle;
    }

    /// Starts a node and returns when all partitions it keeps copies of serve.
    ///
    /// @throws StartupException when the node cannot start; nothing is left running then
    public static Node start(ServerConfig config) throws StartupException, InterruptedException {
        ShutdownSequence shutdown = new ShutdownSequence();
        boolean started = false;
        try {
            Node node = new Node(config, shutdown);
            started = true;
            return node;
        } finally {
            if (!started) {
                shutDown(shutdown, config.shutdownTimeout());
            }
        }
    }

    /// The node's addresses.
    public NodeAddresses addresses() {
        return addresses;
    }

    /// Completes, only exceptionally with a [StartupException], when the node must end; the caller closes it
    /// then.
    public CompletionStage<Void> failure() {
        return failure.stage();
    }

    /// Stops accepting requests, finishes those in flight, and closes everything. What has not closed within
    /// `shutdown-timeout` is abandoned. Not interruptible.
    ///
    /// @return whether everything closed cleanly
    public boolean stop() {
        return shutDown(shutdown, config.shutdownTimeout());
    }

    /// A hanging disk must not block the exit.
    private static boolean shutDown(ShutdownSequence shutdown, Duration timeout) {
        CompletableFuture<Boolean> closed = CompletableFuture.supplyAsync(
                shutdown::close,
                task -> Thread.ofPlatform().name("stop").daemon().start(task));
        try {
            return closed.copy()
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof TimeoutException) {
                LOG.error("not everything was closed within shutdown-timeout, {} ms", timeout.toMillis());
            } else {
                LOG.error("the node could not be stopped", e);
            }
            return false;
        }
    }

    @Override
    public void close() {
        stop();
    }

    /// Ends the node because of an error in one of its threads.
    ///
    /// @param error the cause that [#failure()] reports
    public void fail(Error error) {
        failure.report(error);
    }
}
