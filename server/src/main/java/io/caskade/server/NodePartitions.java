package io.caskade.server;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.config.StorageConfig;
import io.caskade.server.lifecycle.NodeDirectory;
import io.caskade.server.lifecycle.NodeThreads;
import io.caskade.server.lifecycle.ShutdownSequence;
import io.caskade.server.lifecycle.StartupException;
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
import io.caskade.server.replica.ClockReading;
import io.caskade.server.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hosts the node's copies: configures them, has them ticked and maintained, and stops them.
final class NodePartitions {

    private static final Logger LOG = LoggerFactory.getLogger(NodePartitions.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /// How often copies that did not open, and a full disk, are looked at again.
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    /// How often partitions are checked for merges.
    private static final Duration MERGE_INTERVAL = Duration.ofMillis(500);

    private final NodeCluster cluster;
    private final ServerConfig config;
    private final ReplicationTiming timing;
    private final NodeThreads threads;
    private final InstantSource clock = InstantSource.system();
    private final ReplicaManager manager;

    private NodePartitions(
            NodeCluster cluster,
            NodeDirectory directory,
            NodeThreads threads,
            Transport transport,
            CommandRouter router,
            NodeBudgets budgets)
            throws StartupException {
        this.cluster = cluster;
        this.config = cluster.config();
        this.timing = ReplicationTiming.of(config);
        this.threads = threads;
        this.manager = manage(directory, transport, router, copyConfig(grantedGrace(), budgets));
    }

    /// Hosts the copies that the cluster assigns to this node, until it shuts down.
    ///
    /// @param router is told of them
    static NodePartitions host(
            NodeCluster cluster,
            NodeDirectory directory,
            NodeThreads threads,
            Transport transport,
            CommandRouter router,
            NodeBudgets budgets,
            ShutdownSequence shutdown)
            throws StartupException {
        NodePartitions partitions = new NodePartitions(cluster, directory, threads, transport, router, budgets);
        shutdown.push("the copies", partitions.manager::close);
        shutdown.push("the threads", threads::stop);
        shutdown.push("the partitions", partitions::stop);
        partitions.startMaintenance(shutdown);
        partitions.startTicks();
        return partitions;
    }

    /// The copies.
    ReplicaManager manager() {
        return manager;
    }

    private ReplicaManager manage(
            NodeDirectory directory, Transport transport, CommandRouter router, CopyConfig copyConfig) {
        ClockSource clocks = () -> new ClockReading(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), clock.millis());
        IntFunction<CopyDirectory> directories = directories(directory);
        return new ReplicaManager(
                cluster.self().node(),
                cluster.partitions(),
                router,
                (id, setAside) -> {
                    CopyDirectory copies = directories.apply(id);
                    Dependencies dependencies = new Dependencies(
                            threads.loops().loopOf(id),
                            threads.syncs(),
                            threads.workers(),
                            cluster.coordinator(),
                            transport,
                            clocks);
                    return setAside
                            ? HostedPartition.openEmpty(id, copies, copyConfig, dependencies)
                            : HostedPartition.open(id, copies, copyConfig, dependencies);
                },
                CopyRemover.of(directories, cluster.coordinator()),
                transport,
                threads.workers(),
                clocks,
                copyConfig.internalLimits().openRetryMillis(),
                copyConfig.longestGrantMillis(),
                copyConfig.durability() == Durability.SYNC);
    }

    private CopyConfig copyConfig(GrantedGrace granted, NodeBudgets budgets) {
        StorageConfig storage = config.storage();
        return new CopyConfig(
                cluster.self(),
                storage.durability(),
                storage.syncInterval(),
                config.limits().inFlight().bytes(),
                config.merge().deadRatio(),
                storage.segmentSize().bytes(),
                config.merge().enabled(),
                new DiskReserve(
                        Disk.real(), config.dataDir(), config.disk().reserve().bytes(), System::nanoTime),
                timing.timeouts(),
                granted.formerMillis(),
                CopyConfig.InternalLimits.DEFAULT,
                budgets);
    }

    private IntFunction<CopyDirectory> directories(NodeDirectory directory) {
        StorageConfig storage = config.storage();
        KeyHasher hasher = new KeyHasher(cluster.bootstrap().secret().keydirSeed());
        KeydirLimit keydirLimit = new KeydirLimit(config.limits().keydir().bytes(), "limits.keydir");
        String boot = bootId();
        long cacheBytes = storage.cacheSize().bytes() / cluster.partitions();
        return id -> new CopyDirectory(
                Disk.real(),
                directory.partition(id),
                new StoreOptions(
                        new LogOptions(id, storage.segmentSize().bytes(), storage.durability()),
                        hasher,
                        cacheBytes,
                        boot,
                        UUID::randomUUID,
                        System::nanoTime,
                        keydirLimit));
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

    /// Nothing is granted before the file says for how long.
    private GrantedGrace grantedGrace() throws StartupException {
        GrantedGrace granted;
        try {
            granted = GrantedGrace.open(
                    Disk.real(), config.dataDir(), timing.timeouts().grace());
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

    private void startMaintenance(ShutdownSequence shutdown) {
        if (config.merge().enabled()) {
            PartitionMaintenance merges = PartitionMaintenance.start(
                    "merges",
                    MERGE_INTERVAL,
                    manager::all,
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
                    manager::all,
                    HostedPartition::scrub,
                    PartitionMaintenance.NEVER_URGENT,
                    scrubRate,
                    System::nanoTime);
            shutdown.push("the scrubs", scrubs::stop);
        }
    }

    /// Each loop has a timer of its own: a loop that hangs delays no other, and none must be woken.
    private void startTicks() {
        threads.scheduleOnLoops(timing.tick(), manager::tick);
        threads.scheduleEvery(CHECK_INTERVAL, manager::check);
    }

    /// Takes at most a quarter of `shutdown-timeout`, the listeners five eighths of it; the rest is for closing
    /// the files. Idempotent.
    void stop() throws Exception {
        long available = config.shutdownTimeout().dividedBy(4).toMillis();
        manager.stop(available).toCompletableFuture().get(available, TimeUnit.MILLISECONDS);
    }
}
