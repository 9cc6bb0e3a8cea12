package io.caskade.server;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.disk.FailureText;
import io.caskade.bitcask.disk.OpenFileLimit;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.cluster.SharedSettingsStore;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.Limits;
import io.caskade.server.config.HttpListenerConfig;
import io.caskade.server.config.ListenersConfig;
import io.caskade.server.config.RedisListenerConfig;
import io.caskade.server.config.ReplicationConfig;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.server.controller.Controller;
import io.caskade.server.controller.Policy;
import io.caskade.server.controller.ReplicationPolicy;
import io.caskade.server.lifecycle.IgnoredSettings;
import io.caskade.server.lifecycle.ListenerExposure;
import io.caskade.server.lifecycle.MemoryNeed;
import io.caskade.server.lifecycle.NodeDirectory;
import io.caskade.server.lifecycle.NodeThreads;
import io.caskade.server.lifecycle.OpenFilesNeed;
import io.caskade.server.lifecycle.Readiness;
import io.caskade.server.lifecycle.SessionWatch;
import io.caskade.server.lifecycle.SharedConfig;
import io.caskade.server.lifecycle.ShutdownSequence;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.grpc.GrpcListener;
import io.caskade.server.listener.http.HttpListener;
import io.caskade.server.listener.redis.RedisListener;
import io.caskade.server.listener.redis.command.Membership;
import io.caskade.server.listener.redis.command.ServerIdentity;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.metrics.NodeMetrics;
import io.caskade.server.partition.ClockSource;
import io.caskade.server.partition.CommandRouter;
import io.caskade.server.partition.CopyConfig;
import io.caskade.server.partition.CopyRemover;
import io.caskade.server.partition.Dependencies;
import io.caskade.server.partition.GrantedGrace;
import io.caskade.server.partition.HostedPartition;
import io.caskade.server.partition.NodeBudgets;
import io.caskade.server.partition.PartitionMaintenance;
import io.caskade.server.partition.ReplicaManager;
import io.caskade.server.replica.CatchUpThrottle;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Timeouts;
import io.caskade.server.transport.Pacing;
import io.caskade.server.transport.Timing;
import io.caskade.server.transport.Transport;
import io.caskade.server.zookeeper.CuratorCoordinator;
import io.caskade.server.zookeeper.EmbeddedZooKeeper;
import io.caskade.settings.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts all components and stops them in reverse order.
///
/// Thread-safe.
public final class Node implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    /// How often copies that did not open, and a full disk, are looked at again.
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    /// An acknowledgement is repeated so many times within `replication.lag`, after which its stream counts as
    /// stuck.
    private static final int ACKS_PER_LAG = 8;

    /// How often acknowledgements are repeated at least.
    private static final long ACK_REPEAT_MILLIS = 500;

    /// How often partitions are checked for merges.
    private static final Duration MERGE_INTERVAL = Duration.ofMillis(500);

    /// How often a waiting start logs what it waits for.
    private static final Duration WAIT_LOG_INTERVAL = Duration.ofSeconds(5);

    /// As in the file, until the cluster's settings are known.
    private volatile ServerConfig config;

    private final NodeIncarnation incarnation;
    private final InstantSource clock = InstantSource.system();
    private final ShutdownSequence shutdown;
    private final CompletableFuture<Void> failed;
    private final Addresses addresses;

    /// A node's addresses for clients and for other nodes, and that of its ZooKeeper.
    ///
    /// @param http empty when there is no HTTP listener
    /// @param redis empty when there is no listener for the Redis protocol
    public record Addresses(
            ListenerAddress grpc,
            Optional<ListenerAddress> http,
            Optional<ListenerAddress> redis,
            ListenerAddress replication,
            String zookeeper) {}

    private Node(ServerConfig file, ShutdownSequence shutdown) throws StartupException, InterruptedException {
        this.config = file;
        this.shutdown = shutdown;
        this.incarnation =
                new NodeIncarnation(config.node().id(), UUID.randomUUID().toString());
        this.failed = new CompletableFuture<>();

        Optional<String> impossibility =
                memoryNeed(config.cluster().partitions()).impossibility();
        if (impossibility.isPresent()) {
            throw new StartupException(impossibility.get());
        }
        NodeDirectory directory = NodeDirectory.open(config.dataDir());
        shutdown.push("the data directory", directory);
        ZooKeeperConfig zookeeper = zookeeper(directory);
        CuratorCoordinator coordinator = connect(zookeeper, directory);
        BootstrapData bootstrap = bootstrap(coordinator, directory);
        directory.claim(bootstrap.settings().clusterId(), incarnation.node());
        this.config = followCluster(coordinator, bootstrap);
        NodeThreads threads = NodeThreads.start(this::fail);
        shutdown.push("the event loops", threads.loops());
        Transport transport = openTransport(bootstrap, threads.loops());

        CommandRouter router = new CommandRouter(
                bootstrap.settings().partitions(),
                new Limits(config.storage().maxValueSize().toIntBytes()));
        MemoryNeed memory = memoryNeed(bootstrap.settings().partitions());
        NodeBudgets budgets = new NodeBudgets(memory.maxWriteBytes(), memory.maxAppendBytes(), throttle(coordinator));
        ReplicaManager partitions = host(directory, coordinator, transport, bootstrap, router, threads, budgets);
        transport.deliverTo(partitions);
        NodeAdmin admin = new NodeAdmin(incarnation, partitions, coordinator, coordinator);
        ReadBudget reads = new ReadBudget(config.limits().reads().bytes());
        NodeMetrics metrics = new NodeMetrics(admin, partitions::image, reads::used);
        shutdown.push("the metrics", metrics);
        NodeProxy proxy = new NodeProxy(config, incarnation, router, threads, budgets);
        shutdown.push("the connections of proxied requests", proxy);
        proxy.showIn(metrics);
        GrpcListener listener = open(proxy.forGrpc(metrics), admin, threads.loops(), reads);
        HttpListener.Cluster cluster = new HttpListener.Cluster(incarnation.node(), partitions::image);
        Optional<HttpListener> httpListener =
                openHttp(proxy.forHttp(), cluster, admin, metrics, threads.loops(), reads);
        SessionWatch session = new SessionWatch();
        coordinator.subscribe(session);
        ServerIdentity identity = new ServerIdentity(
                incarnation.node(),
                incarnation.incarnation(),
                Version.current(),
                partitions::image,
                new Membership(session::state, partitions::holdsLease),
                config.storage().durability() == Durability.SYNC);
        Optional<RedisListener> redisListener =
                openRedis(proxy.forRedis(metrics), identity, metrics, threads.loops(), reads);
        ListenersConfig listeners = config.listeners();
        ListenerAddress grpc = address(
                listeners.grpc().bind(), listener.port(), listeners.grpc().advertisedAt(listener.port()));
        ListenerAddress replication = address(
                listeners.replication().bind(),
                transport.port(),
                listeners.replication().advertisedAt(transport.port()));
        Optional<ListenerAddress> http = httpListener.map(open -> address(open, listeners.http()));
        Optional<ListenerAddress> redis = redisListener.map(open -> address(open, listeners.redis()));
        this.addresses = new Addresses(
                grpc, http, redis, replication, zookeeper.connect().toString());
        register(coordinator);
        coordinator.subscribe(transport);
        coordinator.subscribe(partitions);
        proxy.subscribeTo(coordinator);
        coordinator.subscribe(new IgnoredSettings(file, LOG::warn));
        coordinator.subscribe(new Readiness(incarnation.node(), all -> {
            listener.setInSync(all);
            httpListener.ifPresent(open -> open.setInSync(all));
        }));
        partitions
                .failure()
                .whenComplete(
                        (_, refusal) -> fail(new StartupException(String.valueOf(refusal.getMessage()), refusal)));
        joinControllerElection(coordinator);

        await(partitions.ready(), "its partitions");
        listener.setServing();
        httpListener.ifPresent(HttpListener::setServing);
        // Leadership moves first, while the node is registered; otherwise followers elect leaders and wait for
        // its leases to expire.
        redisListener.ifPresent(open -> shutdown.push("the Redis listener", () -> close(open)));
        httpListener.ifPresent(open -> shutdown.push("the HTTP listener", () -> close(open)));
        shutdown.push("the gRPC listener", () -> close(listener));
        shutdown.push("the partitions", () -> stopPartitions(partitions));
        shutdown.push("the requests that wait for a leader", proxy::stop);
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
    public Addresses addresses() {
        return addresses;
    }

    /// Completes, only exceptionally with a [StartupException], when the node must end; the caller closes it
    /// then.
    public CompletionStage<Void> failure() {
        return failed.copy();
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

    /// Ends the node because of an error in one of its threads: what that thread did is done no more, and a
    /// node that is half dead is worse than none.
    ///
    /// @param error the cause that [#failure()] reports
    public void fail(Error error) {
        LOG.error("the node cannot go on", error);
        fail(new StartupException("a thread has failed: " + error, error));
    }

    private void fail(StartupException failure) {
        failed.completeExceptionally(failure);
    }

    private ZooKeeperConfig zookeeper(NodeDirectory directory) throws StartupException, InterruptedException {
        ZooKeeperConfig wanted = config.zookeeper();
        if (!wanted.embedded()) {
            return wanted;
        }
        try {
            EmbeddedZooKeeper server = EmbeddedZooKeeper.start(
                    wanted.connect().all().getFirst(),
                    directory.zookeeper(),
                    reason -> fail(new StartupException(reason)));
            shutdown.push("the embedded ZooKeeper", server);
            return wanted.at(server.address());
        } catch (IOException e) {
            throw new StartupException(FailureText.of(e), e);
        }
    }

    private CuratorCoordinator connect(ZooKeeperConfig zookeeper, NodeDirectory directory)
            throws StartupException, InterruptedException {
        try {
            CuratorCoordinator coordinator = CuratorCoordinator.connect(zookeeper, directory.session(), this::fail);
            shutdown.push("the session with ZooKeeper", coordinator);
            return coordinator;
        } catch (CoordinationException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
    }

    /// Only a node whose directory belongs to no cluster yet may form one: where ZooKeeper's data are lost, a
    /// new cluster would stand in the way of the one to be restored.
    private BootstrapData bootstrap(Coordinator coordinator, NodeDirectory directory)
            throws StartupException, InterruptedException {
        Optional<String> owner = directory.owner();
        if (owner.isPresent()) {
            return await(coordinator.lookUp(), "the cluster's settings")
                    .orElseThrow(() -> new StartupException(lostCluster(directory, owner.get())));
        }
        byte[] seed = new byte[ClusterSecret.SEED_BYTES];
        new SecureRandom().nextBytes(seed);
        ClusterSettings proposed = new ClusterSettings(
                UUID.randomUUID().toString(), config.cluster().partitions());
        return await(
                coordinator.bootstrap(new BootstrapData(proposed, new ClusterSecret(seed))), "the cluster's settings");
    }

    private ServerConfig followCluster(SharedSettingsStore store, BootstrapData bootstrap)
            throws StartupException, InterruptedException {
        SharedSettings shared = await(store.seedSettings(SharedConfig.of(config)), "the cluster's settings")
                .value();
        return SharedConfig.follow(config, bootstrap.settings().partitions(), shared);
    }

    private String lostCluster(NodeDirectory directory, String owner) {
        ZooKeeperConfig zookeeper = config.zookeeper();
        return "zookeeper.connect " + zookeeper.connect() + ": there is no cluster at zookeeper.root "
                + zookeeper.root() + ", but data-dir " + config.dataDir() + " belongs to " + owner
                + ": either these settings are not the cluster's, or ZooKeeper's data are lost; nothing was changed."
                + " Restore ZooKeeper's data"
                + (zookeeper.embedded() ? ", which were in " + directory.zookeeper() + "," : "")
                + " from a backup, or see \"ZooKeeper's data are lost\" in docs/operations.md";
    }

    private ReplicaManager host(
            NodeDirectory directory,
            Coordinator coordinator,
            Transport transport,
            BootstrapData bootstrap,
            CommandRouter router,
            NodeThreads threads,
            NodeBudgets budgets)
            throws StartupException {
        GrantedGrace granted = grantedGrace(threads);
        new OpenFilesNeed(bootstrap.settings().partitions())
                .shortageAt(OpenFileLimit.ofProcess())
                .ifPresent(LOG::warn);
        MemoryNeed memory = memoryNeed(bootstrap.settings().partitions());
        LOG.info(memory.summary());
        memory.shortage().ifPresent(LOG::warn);
        KeyHasher hasher = new KeyHasher(bootstrap.secret().keydirSeed());
        KeydirLimit keydirLimit = new KeydirLimit(config.limits().keydir().bytes(), "limits.keydir");
        String boot = bootId();
        long cacheBytes =
                config.storage().cacheSize().bytes() / bootstrap.settings().partitions();
        CopyConfig copyConfig = new CopyConfig(
                incarnation,
                config.storage().durability(),
                config.storage().syncInterval(),
                config.limits().inFlight().bytes(),
                config.merge().deadRatio(),
                config.storage().segmentSize().bytes(),
                config.merge().enabled(),
                new DiskReserve(
                        Disk.real(), config.dataDir(), config.disk().reserve().bytes(), System::nanoTime),
                timeouts(),
                granted.formerMillis(),
                CopyConfig.InternalLimits.DEFAULT,
                budgets);
        ClockSource clocks = () -> new ClockReading(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), clock.millis());
        IntFunction<CopyDirectory> directories = id -> new CopyDirectory(
                Disk.real(), directory.partition(id), storeOptions(id, hasher, boot, cacheBytes, keydirLimit));
        ReplicaManager partitions = new ReplicaManager(
                incarnation.node(),
                bootstrap.settings().partitions(),
                router,
                (id, setAside) -> {
                    CopyDirectory copies = directories.apply(id);
                    Dependencies dependencies = new Dependencies(
                            threads.loops().loopOf(id),
                            threads.syncs(),
                            threads.workers(),
                            coordinator,
                            transport,
                            clocks);
                    return setAside
                            ? HostedPartition.openEmpty(id, copies, copyConfig, dependencies)
                            : HostedPartition.open(id, copies, copyConfig, dependencies);
                },
                CopyRemover.of(directories, coordinator),
                transport,
                threads.workers(),
                clocks,
                copyConfig.internalLimits().openRetryMillis(),
                copyConfig.durability() == Durability.SYNC);
        shutdown.push("the copies", partitions::close);
        shutdown.push("the threads", threads::stop);
        shutdown.push("the partitions", () -> stopPartitions(partitions));
        startMaintenance(partitions);
        // Each loop has a timer of its own: a loop that hangs delays no other, and none must be woken.
        threads.scheduleOnLoops(tick(), partitions::tick);
        threads.scheduleEvery(CHECK_INTERVAL, partitions::check);
        return partitions;
    }

    private CatchUpThrottle throttle(Coordinator coordinator) {
        CatchUpThrottle throttle =
                new CatchUpThrottle(config.cluster().moveRate().bytes());
        coordinator.subscribe(image ->
                Optional.ofNullable(image.shared()).ifPresent(shared -> throttle.setRate(shared.moveRateBytes())));
        return throttle;
    }

    private MemoryNeed memoryNeed(int partitions) {
        return new MemoryNeed(
                new MemoryNeed.Settings(
                        partitions,
                        config.cluster().replicationFactor() - 1,
                        config.limits().reads().bytes(),
                        config.limits().inFlight().bytes(),
                        config.storage().cacheSize().bytes(),
                        config.limits().keydir().bytes(),
                        config.storage().maxValueSize().bytes()),
                Runtime.getRuntime().maxMemory());
    }

    /// Nothing is granted before the file says for how long.
    private GrantedGrace grantedGrace(NodeThreads threads) throws StartupException {
        GrantedGrace granted;
        try {
            granted =
                    GrantedGrace.open(Disk.real(), config.dataDir(), timeouts().grace());
        } catch (IOException e) {
            throw new StartupException("data-dir " + config.dataDir() + ": " + e.getMessage(), e);
        }
        CompletableFuture.delayedExecutor(granted.formerMillis(), TimeUnit.MILLISECONDS, threads.workers())
                .execute(() -> forgetFormer(granted));
        return granted;
    }

    private static void forgetFormer(GrantedGrace granted) {
        try {
            granted.forgetFormer();
        } catch (IOException e) {
            LOG.warn("the grace of earlier lease grants is still kept: the next start may wait longer than it must", e);
        }
    }

    private Timeouts timeouts() {
        ReplicationConfig replication = config.replication();
        return new Timeouts(
                replication.lease().toMillis(),
                replication.grace().toMillis(),
                replication.retry().toMillis(),
                replication.lag().toMillis(),
                replication.stall().toMillis());
    }

    private void startMaintenance(ReplicaManager partitions) {
        if (config.merge().enabled()) {
            PartitionMaintenance merges = PartitionMaintenance.start(
                    "merges",
                    MERGE_INTERVAL,
                    partitions::all,
                    HostedPartition::merge,
                    HostedPartition::mergeNeed,
                    config.merge().rate().bytes(),
                    System::nanoTime);
            shutdown.push("the merges", merges::stop);
        }
        long scrubRate = config.scrub().rate().bytes();
        if (scrubRate > 0) {
            PartitionMaintenance scrubs = PartitionMaintenance.start(
                    "scrubs",
                    config.scrub().interval(),
                    partitions::all,
                    HostedPartition::scrub,
                    PartitionMaintenance.NEVER_URGENT,
                    scrubRate,
                    System::nanoTime);
            shutdown.push("the scrubs", scrubs::stop);
        }
    }

    /// Takes at most a quarter of `shutdown-timeout`, the listeners five eighths of it; the rest is for closing
    /// the files. Idempotent.
    private void stopPartitions(ReplicaManager partitions) throws Exception {
        partitions
                .stop()
                .toCompletableFuture()
                .get(config.shutdownTimeout().dividedBy(4).toMillis(), TimeUnit.MILLISECONDS);
    }

    private Duration tick() {
        Duration heartbeats = config.replication().heartbeatInterval();
        boolean syncs = config.storage().durability() == Durability.INTERVAL;
        return syncs ? Collections.min(List.of(heartbeats, config.storage().syncInterval())) : heartbeats;
    }

    private StoreOptions storeOptions(int id, KeyHasher hasher, String boot, long cacheBytes, KeydirLimit keydirLimit) {
        return new StoreOptions(
                new LogOptions(
                        id,
                        config.storage().segmentSize().bytes(),
                        config.storage().durability()),
                hasher,
                cacheBytes,
                boot,
                UUID::randomUUID,
                System::nanoTime,
                keydirLimit);
    }

    /// Identifies this boot of the machine; empty when unknown: then a copy must be proven by other means.
    private static String bootId() {
        try {
            return Files.exists(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "";
        } catch (IOException e) {
            LOG.warn("cannot read {}: {}", BOOT_ID, e.getMessage());
            return "";
        }
    }

    /// Opens the transport; closed after the partitions, which need it to transfer leadership.
    private Transport openTransport(BootstrapData bootstrap, EventLoops loops) throws StartupException {
        Transport transport = listen(
                "listeners.replication.bind",
                config.listeners().replication().bind(),
                address -> Transport.open(
                        address,
                        bootstrap.settings().clusterId(),
                        incarnation,
                        new Timing(timeouts(), tick().toMillis()),
                        loops));
        shutdown.push("the connections with other nodes", transport::close);
        long lag = config.replication().lag().toMillis();
        // A grant waits for this node's next heartbeat, which may be a little late.
        long grantDelay = tick().multipliedBy(3).dividedBy(2).toMillis();
        transport.pace(new Pacing(grantDelay, Math.min(lag / ACKS_PER_LAG, ACK_REPEAT_MILLIS)));
        return transport;
    }

    private GrpcListener open(GrpcListener.Commands commands, NodeAdmin admin, EventLoops loops, ReadBudget reads)
            throws StartupException {
        GrpcListener listener = listen(
                "listeners.grpc.bind",
                config.listeners().grpc().bind(),
                address -> GrpcListener.open(address, commands, admin, loops, reads));
        shutdown.push("the gRPC listener", () -> close(listener));
        return listener;
    }

    private Optional<HttpListener> openHttp(
            CommandHandler handler,
            HttpListener.Cluster cluster,
            NodeAdmin admin,
            NodeMetrics metrics,
            EventLoops loops,
            ReadBudget reads)
            throws StartupException {
        Optional<HostPort> bind = config.listeners().http().bind();
        if (bind.isEmpty()) {
            return Optional.empty();
        }
        HttpListener.Limits limits =
                new HttpListener.Limits(config.storage().maxValueSize().toIntBytes(), maxReceivedBytes());
        HttpListener listener = listen(
                "listeners.http.bind",
                bind.get(),
                address -> HttpListener.open(address, handler, cluster, admin, metrics, loops, reads, limits));
        shutdown.push("the HTTP listener", () -> close(listener));
        return Optional.of(listener);
    }

    /// The bytes of requests that are being received over HTTP, and as many over the Redis protocol.
    private long maxReceivedBytes() {
        return config.limits().inFlight().bytes() / 2;
    }

    private static ListenerAddress address(HttpListener listener, HttpListenerConfig http) {
        HostPort bind = http.bind().orElseThrow();
        return address(bind, listener.port(), http.advertisedAt(bind, listener.port()));
    }

    private Optional<RedisListener> openRedis(
            CommandHandler handler, ServerIdentity identity, NodeMetrics metrics, EventLoops loops, ReadBudget reads)
            throws StartupException {
        RedisListenerConfig redis = config.listeners().redis();
        if (redis.bind().isEmpty()) {
            return Optional.empty();
        }
        RedisListener.Limits limits = new RedisListener.Limits(
                config.storage().maxValueSize().toIntBytes(),
                maxReceivedBytes(),
                redis.maxClients(),
                redis.flush(),
                Duration.ofMillis(NodeProxy.REDIS_MILLIS));
        RedisListener listener = listen(
                "listeners.redis.bind",
                redis.bind().get(),
                address -> RedisListener.open(
                        address, handler, identity, redis.redirect(), metrics, loops, reads, limits));
        shutdown.push("the Redis listener", () -> close(listener));
        return Optional.of(listener);
    }

    private static ListenerAddress address(RedisListener listener, RedisListenerConfig redis) {
        HostPort bind = redis.bind().orElseThrow();
        return address(bind, listener.port(), redis.advertisedAt(bind, listener.port()));
    }

    /// Idempotent.
    private void close(RedisListener listener) throws Exception {
        listener.close(config.shutdownTimeout().dividedBy(8));
    }

    /// Idempotent.
    private void close(HttpListener listener) throws Exception {
        listener.close(config.shutdownTimeout().dividedBy(8));
    }

    /// Idempotent.
    private void close(GrpcListener listener) throws Exception {
        listener.close(config.shutdownTimeout().dividedBy(2));
    }

    private interface ServerFactory<T> {
        T at(InetSocketAddress address) throws IOException;
    }

    private static <T> T listen(String setting, HostPort bind, ServerFactory<T> factory) throws StartupException {
        try {
            InetAddress address = InetAddress.getByName(bind.host());
            T listener = factory.at(new InetSocketAddress(address, bind.port()));
            ListenerExposure.warning(setting, bind, address).ifPresent(LOG::warn);
            return listener;
        } catch (UnknownHostException e) {
            throw new StartupException(setting + " " + bind + ": no such host", e);
        } catch (IOException e) {
            throw new StartupException(
                    setting + " " + bind
                            + ": address already in use, or not local; stop the process that listens there or"
                            + " choose another port",
                    e);
        }
    }

    private static ListenerAddress address(HostPort bind, int port, HostPort advertised) {
        return new ListenerAddress(new HostPort(bind.host(), port), new Endpoint(advertised.host(), advertised.port()));
    }

    private void register(Coordinator coordinator) throws StartupException, InterruptedException {
        NodeInfo info = new NodeInfo(
                incarnation.node(),
                incarnation.incarnation(),
                config.node().rack(),
                addresses.grpc().advertised(),
                addresses.replication().advertised(),
                addresses.redis().map(ListenerAddress::advertised).orElse(null),
                addresses.http().map(ListenerAddress::advertised).orElse(null),
                Version.current());
        await(coordinator.register(info), "its registration");
        shutdown.push(
                "the registration",
                () -> coordinator.unregister().toCompletableFuture().get());
    }

    private void joinControllerElection(Coordinator coordinator) {
        ReplicationPolicy replication = new ReplicationPolicy(
                config.cluster().replicationFactor(), config.cluster().minInsync());
        Policy policy = new Policy(
                replication,
                config.cluster().replaceAfter().toMillis(),
                config.cluster().autoBalanceLeaders(),
                Policy.STABLE_LEADER_MILLIS,
                Policy.ABSENCE_MILLIS);
        new Controller(coordinator, incarnation.node(), policy, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))
                .start();
        shutdown.push(
                "the controller",
                () -> coordinator
                        .leaveControllerElection()
                        .toCompletableFuture()
                        .get());
    }

    /// Waits for a stage, or for the failure of a component started before, without which the stage may never
    /// complete.
    private <T> T await(CompletionStage<T> stage, String what) throws StartupException, InterruptedException {
        CompletableFuture<T> future = stage.toCompletableFuture();
        while (true) {
            try {
                CompletableFuture.anyOf(future, failed).get(WAIT_LOG_INTERVAL.toSeconds(), TimeUnit.SECONDS);
                return future.get();
            } catch (TimeoutException e) {
                LOG.info("waiting for {}", what);
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                throw cause instanceof StartupException startup
                        ? startup
                        : new StartupException(String.valueOf(cause == null ? e.getMessage() : cause.getMessage()), e);
            }
        }
    }
}
