package io.caskade.server.simulator;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.Controller;
import io.caskade.server.partition.CommandExecutor;
import io.caskade.server.partition.CopyConfig;
import io.caskade.server.partition.CopyRemover;
import io.caskade.server.partition.Dependencies;
import io.caskade.server.partition.GrantedGrace;
import io.caskade.server.partition.HostedPartition;
import io.caskade.server.partition.NodeBudgets;
import io.caskade.server.partition.ReplicaManager;
import io.caskade.server.replica.CatchUpThrottle;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One process of a node, from its start to its end: what hosts its copies is what ships.
final class SimulatedProcess implements Coordinator.Observer {

    /// What a node has for it by default.
    private static final long STOP_MILLIS = 2_500;

    private static final long TICK_MILLIS = 80;
    private static final long SEGMENT_BYTES = 4 << 10;
    private static final double DEAD_RATIO = 0.3;
    private static final CopyConfig.InternalLimits TUNING = new CopyConfig.InternalLimits(1 << 10, 300, 0, 700);
    private static final KeyHasher HASHER = new KeyHasher(new byte[KeyHasher.SECRET_BYTES]);

    private final Simulation simulation;
    private final SimulatedNode node;
    private final NodeIncarnation self;
    private final ProcessTimeline timeline;
    private final SimulatedThreads workers;
    private final SimulatedLoop loop;
    private final SimulatedCoordinator coordinator;
    private final CatchUpThrottle throttle;
    private final CopyConfig config;
    private final ReplicaManager manager;
    private final GrantedGrace granted;
    private final long startedAt;
    private final SortedMap<Integer, SimulatedPartition> partitions = new TreeMap<>();

    private final SimulatedProxy proxy;

    private final Set<Integer> opening = new HashSet<>();
    private @Nullable CompletableFuture<Void> drained;
    private boolean forgotten;

    /// @throws IOException when the disk fails
    SimulatedProcess(Simulation simulation, SimulatedNode node, String incarnation) throws IOException {
        this.simulation = simulation;
        this.node = node;
        this.startedAt = node.clock().now().monotonic();
        node.disk().createDirectories(SimulatedNode.DIRECTORY);
        this.granted = GrantedGrace.open(
                node.disk(), SimulatedNode.DIRECTORY, node.timeouts().grace());
        this.self = new NodeIncarnation(node.name(), incarnation);
        this.timeline = new ProcessTimeline(simulation.world());
        this.workers = new SimulatedThreads(simulation.world(), timeline, simulation.random());
        this.loop = new SimulatedLoop(workers, timeline);
        this.coordinator = SimulatedCoordinator.connect(
                timeline,
                simulation.world(),
                simulation.servers(),
                node.link(),
                node.machine(),
                simulation.options().sessionTimeoutMillis());
        this.throttle = new CatchUpThrottle(simulation.moveRate());
        this.config = new CopyConfig(
                self,
                Durability.SYNC,
                Duration.ZERO,
                simulation.options().maxInFlightBytes(),
                DEAD_RATIO,
                SEGMENT_BYTES,
                false,
                new DiskReserve(
                        node.disk(),
                        SimulatedNode.DIRECTORY,
                        0,
                        () -> TimeUnit.MILLISECONDS.toNanos(node.clock().now().monotonic())),
                node.timeouts(),
                granted.formerMillis(),
                new CopyConfig.InternalLimits(
                        TUNING.chunkBytes(),
                        TUNING.idleMarkMillis(),
                        simulation.options().maxRetainedTombstones(),
                        TUNING.openRetryMillis()),
                NodeBudgets.unlimited(throttle));
        this.manager = new ReplicaManager(
                node.name(),
                simulation.options().partitions(),
                new ReplicaManager.OpenListener() {
                    @Override
                    public void opened(int partition, CommandExecutor commands) {}

                    @Override
                    public void closed(int partition) {
                        partitions.remove(partition);
                    }
                },
                this::open,
                remover(),
                this::send,
                workers,
                node.clock()::now,
                TUNING.openRetryMillis(),
                config.longestGrantMillis(),
                true);
        this.proxy = new SimulatedProxy(simulation, this, loop);
        node.disk().beforeRead(workers::reads);
    }

    private CopyDirectory copies(int id) {
        return new CopyDirectory(
                node.disk(),
                SimulatedNode.directory(id),
                new StoreOptions(
                        new LogOptions(id, SEGMENT_BYTES, Durability.SYNC, 0, Parallelism.NONE),
                        HASHER,
                        simulation.options().cacheBytes(),
                        "boot",
                        simulation::newId,
                        () -> TimeUnit.MILLISECONDS.toNanos(node.clock().now().monotonic()),
                        KeydirLimit.none()));
    }

    /// What ships, with an eye on what it deletes.
    private CopyRemover remover() {
        CopyRemover shipped = CopyRemover.of(this::copies, coordinator);
        Map<Integer, PartitionState> read = new HashMap<>();
        return new CopyRemover() {
            @Override
            public boolean exists(int partition) throws IOException {
                return shipped.exists(partition);
            }

            @Override
            public void delete(int partition) throws IOException {
                simulation.invariants().deleted(node, partition, read.get(partition));
                node.forget(partition);
                shipped.delete(partition);
                simulation.coverage().reached("copy deleted");
            }

            @Override
            public CompletionStage<Versioned<PartitionState>> read(int partition) {
                return shipped.read(partition).thenApply(state -> {
                    read.put(partition, state.value());
                    return state;
                });
            }
        };
    }

    private HostedPartition open(int id, boolean setAside) throws IOException {
        SimulatedPartition partition = new SimulatedPartition(simulation, this, id);
        CopyDirectory copies = copies(id);
        Dependencies dependencies = new Dependencies(
                loop,
                task -> timeline.after(node.syncMillis(), task),
                workers,
                coordinator,
                this::send,
                node.clock()::now,
                partition);
        if (!setAside && !opening.add(id)) {
            simulation.coverage().reached("open tried again");
        }
        if (setAside) {
            simulation.coverage().reached("damaged copy set aside when it was opened");
            simulation.invariants().setAside(node.name(), id);
        }
        HostedPartition hosted;
        try {
            hosted = setAside
                    ? HostedPartition.openEmpty(id, copies, config, dependencies)
                    : HostedPartition.open(id, copies, config, dependencies);
        } catch (DamagedLogException e) {
            KnownCopy known = node.known(id);
            if (known != null && !known.damaged() && e.sequence() <= known.durableEnd()) {
                throw simulation.invariants().broken("what was synced is there", node.name() + "/" + id + ": " + e);
            }
            throw e;
        } catch (IOException e) {
            simulation.coverage().reached("open failed");
            throw e;
        }
        partition.opened(hosted);
        partitions.put(id, partition);
        return hosted;
    }

    /// Begins to take part.
    void start() {
        CompletionStage<Void> _ = coordinator.register(new NodeInfo(
                node.name(),
                self.incarnation(),
                simulation.rack(node.name()),
                new Endpoint(node.name(), 1),
                null,
                null,
                null,
                "test"));
        coordinator.subscribe(this);
        new Controller(
                        coordinator,
                        node.name(),
                        simulation.options().policy(),
                        () -> node.clock().now().monotonic())
                .start();
        tick();
    }

    private void tick() {
        timeline.after(TICK_MILLIS, () -> {
            manager.tick();
            forgetFormerGrants();
            tick();
        });
    }

    private void forgetFormerGrants() {
        if (!forgotten && node.clock().now().monotonic() - startedAt >= granted.formerMillis()) {
            forgotten = true;
            workers.execute(() -> {
                try {
                    granted.forgetFormer();
                } catch (IOException e) {
                    simulation.coverage().reached("grace of earlier grants not forgotten");
                }
            });
        }
    }

    CatchUpThrottle throttle() {
        return throttle;
    }

    NodeIncarnation self() {
        return self;
    }

    SimulatedNode node() {
        return node;
    }

    ProcessTimeline timeline() {
        return timeline;
    }

    SimulatedThreads workers() {
        return workers;
    }

    SimulatedCoordinator coordinator() {
        return coordinator;
    }

    SortedMap<Integer, SimulatedPartition> partitions() {
        return partitions;
    }

    /// What it knows of the cluster.
    @Nullable
    ClusterImage image() {
        return manager.image().orElse(null);
    }

    @Override
    public void imageChanged(ClusterImage changed) {
        manager.imageChanged(changed);
        proxy.imageChanged(changed);
        for (Versioned<PartitionState> state : changed.partitions().values()) {
            SimulatedPartition partition = partitions.get(state.value().id());
            if (partition != null) {
                simulation.aimed().onStateSeen(partition, state);
            }
        }
    }

    private void send(String to, int partition, Message message) {
        simulation.network().send(node.name(), to, () -> simulation.node(to).receive(self, partition, message));
    }

    void receive(NodeIncarnation sender, int partition, Message message) {
        if (message instanceof Message.LeaseGrant grant
                && grant.durationMillis() < node.timeouts().grant()) {
            simulation.coverage().reached("lease granted for less than the leader's own grants");
        }
        timeline.after(0, () -> manager.onMessage(sender, partition, message));
    }

    SimulatedProxy proxy() {
        return proxy;
    }

    @Nullable
    SimulatedPartition partition(int id) {
        return partitions.get(id);
    }

    void peerLost(String name) {
        timeline.after(0, () -> manager.onDisconnected(name));
    }

    /// Merges what is worth it, or reads everything, as the threads for that do.
    void maintain(boolean scrubs) {
        for (SimulatedPartition partition : partitions.values()) {
            workers.execute(() -> {
                if (scrubs) {
                    node.scrubbed(partition.id(), () -> partition.hosted().scrub(this::pace), partition);
                } else {
                    partition.hosted().merge(this::pace);
                }
            });
        }
    }

    private void pace(long bytes) {
        if (simulation.random().nextInt(4) == 0) {
            workers.pass(simulation.random().nextInt(20));
        }
    }

    void stopInOrder() {
        timeline.after(0, () -> drained = manager.stop(STOP_MILLIS).toCompletableFuture());
    }

    boolean hasStopped() {
        return drained != null && drained.isDone();
    }

    boolean hasFencedCopy() {
        return partitions.values().stream()
                .anyMatch(partition -> partition.role() instanceof Role.Fenced(String _, boolean damaged) && !damaged);
    }

    /// Closes the files, as a node does that has stopped.
    void close() {
        try {
            manager.close();
        } catch (IOException e) {
            simulation.coverage().reached("copy not closed in order");
        }
    }

    /// Ends at once.
    void kill() {
        timeline.die();
        coordinator.crash();
        for (SimulatedPartition partition : partitions.values()) {
            try {
                partition.store().close();
            } catch (IOException _) {
                // The disk takes nothing from a process that has ended; the memory is given back.
            }
        }
    }
}
