package io.caskade.server.partition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Position;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Timeouts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One partition with a copy on each of three nodes: real files, loops and clocks; messages and the coordinator
/// in memory.
final class PartitionOnThreeNodes {

    static final List<String> NODES = List.of("node-1", "node-2", "node-3");

    private static final int TICK_MILLIS = 20;
    private static final long ANSWER_MILLIS = 2_000;
    private static final long IN_FLIGHT_BYTES = 1 << 20;

    final SolitaryCoordinator coordinator = new SolitaryCoordinator(PartitionState.withoutLeader(0, NODES, 2));
    private final Path directory;
    private final long segmentBytes;
    private final Map<String, Life> lives = new ConcurrentHashMap<>();
    private final Set<String> cutOff = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
    private int starts;

    PartitionOnThreeNodes(Path directory, long segmentBytes) {
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        coordinator.watch(state -> lives.forEach((node, life) -> {
            if (!cutOff.contains(node)) {
                life.partition.stateChanged(state);
            }
        }));
        var _ = ticker.scheduleAtFixedRate(
                () -> lives.values().forEach(life -> life.partition.tick(0)),
                TICK_MILLIS,
                TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /// A process of a node, from its start to its end.
    private final class Life {
        private final NodeIncarnation incarnation;
        private final EventLoops loops = EventLoops.start(1, error -> {
            throw error;
        });
        private final EventLoop loop = loops.loopOf(0);
        private final ExecutorService syncs = Executors.newCachedThreadPool();
        private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
        private final HostedPartition partition;

        Life(String node) throws IOException {
            incarnation = new NodeIncarnation(node, "process-" + ++starts);
            partition = HostedPartition.open(
                    0,
                    new CopyDirectory(
                            Disk.real(),
                            place(node),
                            new StoreOptions(
                                    new LogOptions(0, segmentBytes, Durability.SYNC),
                                    new KeyHasher(new byte[KeyHasher.SECRET_BYTES]),
                                    0,
                                    "",
                                    UUID::randomUUID)),
                    new CopyConfig(
                            incarnation,
                            Durability.SYNC,
                            Duration.ofMillis(10),
                            IN_FLIGHT_BYTES,
                            0.25,
                            segmentBytes,
                            false,
                            new DiskReserve(Disk.real(), place(node), 0, System::nanoTime),
                            Timeouts.DEFAULT),
                    new Dependencies(
                            loop,
                            syncs,
                            workers,
                            new Link(node),
                            (to, _, message) -> deliver(incarnation, to, message),
                            () -> new ClockReading(
                                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), System.currentTimeMillis())));
        }

        void end() throws Exception {
            loops.stopPartitions();
            loops.close();
            syncs.shutdown();
            syncs.awaitTermination(1, TimeUnit.MINUTES);
            workers.shutdown();
            workers.awaitTermination(1, TimeUnit.MINUTES);
            partition.close();
        }
    }

    /// A node's way to the coordinator.
    private final class Link extends SolitaryCoordinator {
        private final String node;

        Link(String node) {
            super(coordinator.state().value());
            this.node = node;
        }

        @Override
        public CompletionStage<Versioned<PartitionState>> read(int partition) {
            return cutOff.contains(node)
                    ? CompletableFuture.failedStage(new IOException("out of reach"))
                    : coordinator.read(partition);
        }

        @Override
        public synchronized CompletionStage<CasResult> compareAndSet(int expectedVersion, PartitionState next) {
            return cutOff.contains(node)
                    ? CompletableFuture.completedStage(new CasResult.Unknown("out of reach"))
                    : coordinator.compareAndSet(expectedVersion, next);
        }
    }

    private void deliver(NodeIncarnation sender, String to, Message message) {
        Life life = lives.get(to);
        if (life != null
                && lives.containsKey(sender.node())
                && !cutOff.contains(to)
                && !cutOff.contains(sender.node())) {
            life.partition.onMessage(sender, message);
        }
    }

    /// Where a node keeps its copy.
    Path place(String node) {
        return directory.resolve(node).resolve("0");
    }

    void start(String node) throws IOException {
        Life life = new Life(node);
        lives.put(node, life);
        life.partition.stateChanged(coordinator.state());
    }

    void startAll() throws IOException {
        for (String node : NODES) {
            start(node);
        }
    }

    /// Ends a node's process without a word, as `kill -9` does: others see their connections break.
    void kill(String node) throws Exception {
        Life life = lives.remove(node);
        if (life != null) {
            life.end();
            lives.values().forEach(other -> other.partition.onDisconnected(node));
        }
    }

    /// Ends a node's process in order.
    void stop(String node) throws Exception {
        Life life = lives.get(node);
        if (life != null) {
            life.partition.stop().toCompletableFuture().get(1, TimeUnit.MINUTES);
            kill(node);
        }
    }

    /// Changes the partition's state, as a controller or a leader elsewhere does.
    void set(UnaryOperator<PartitionState> change) {
        Versioned<PartitionState> before = coordinator.state();
        var _ = coordinator.compareAndSet(before.version(), change.apply(before.value()));
    }

    /// Nothing from or to the node arrives any more, the coordinator's words included.
    void cutOff(String node) {
        cutOff.add(node);
    }

    HostedPartition partition(String node) {
        Life life = lives.get(node);
        if (life == null) {
            throw new IllegalStateException(node + " is down");
        }
        return life.partition;
    }

    String leader() {
        NodeIncarnation leader = coordinator.state().value().leader();
        return leader == null ? "none" : leader.node();
    }

    /// A node that follows.
    String follower() {
        return NODES.stream()
                .filter(node -> lives.containsKey(node) && !node.equals(leader()))
                .findFirst()
                .orElseThrow();
    }

    Set<String> inSync() {
        return coordinator.state().value().isr().stream().map(CopyId::node).collect(Collectors.toSet());
    }

    /// The identity under which a node's copy is in sync.
    @Nullable
    String copyInSync(String node) {
        return coordinator.state().value().isr().stream()
                .filter(copy -> copy.node().equals(node))
                .map(CopyId::copy)
                .findFirst()
                .orElse(null);
    }

    /// Writes many at once to the leader, and waits until all are acknowledged.
    void putAll(Map<String, String> values) throws Exception {
        CommandExecutor commands = partition(leader()).commands();
        CompletableFuture.allOf(values.entrySet().stream()
                        .map(value -> commands.write(PartitionOnOneNode.put(value.getKey(), value.getValue()))
                                .toCompletableFuture())
                        .toArray(CompletableFuture[]::new))
                .get(1, TimeUnit.MINUTES);
    }

    /// Writes to the leader.
    ///
    /// @return whether the write was acknowledged
    boolean put(String key, String value) throws InterruptedException {
        try {
            partition(leader())
                    .commands()
                    .write(PartitionOnOneNode.put(key, value))
                    .toCompletableFuture()
                    .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (CommandRefusedException | IllegalStateException | ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /// Reads from the leader.
    @Nullable
    String get(String key) throws Exception {
        return get(leader(), key);
    }

    @Nullable
    String get(String node, String key) throws Exception {
        FoundRecord found = partition(node)
                .commands()
                .beginGet(PartitionOnOneNode.bytes(key))
                .finish()
                .toCompletableFuture()
                .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .value();
        return found == null ? null : new String(found.value(), UTF_8);
    }

    /// Writes to the leader, and awaits the answer.
    ///
    /// @return the answer's position
    Position putAt(String key, String value) throws Exception {
        return partition(leader())
                .commands()
                .write(PartitionOnOneNode.put(key, value))
                .toCompletableFuture()
                .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .position();
    }

    /// Reads what a node's copy has applied, whether it leads or not.
    Answer<@Nullable FoundRecord> read(String node, String key, ReplicaRead read) throws Exception {
        return partition(node)
                .commands()
                .beginGet(PartitionOnOneNode.bytes(key), read)
                .thenComposeAsync(StartedGet::finish)
                .toCompletableFuture()
                .get(1, TimeUnit.MINUTES);
    }

    /// Ends all.
    void end() throws Exception {
        for (String node : NODES) {
            kill(node);
        }
        ticker.shutdown();
    }
}
