package io.caskade.server.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.merge.PutThrottle;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Position;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.loop.NettyEventLoop;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Proposal;
import io.caskade.server.replica.RecordDraft;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.ReplicaOptions;
import io.caskade.server.replica.Role;
import io.caskade.server.transport.RawBatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplicaDriverTest {

    private static final NodeIncarnation LEADER = new NodeIncarnation("node-2", "process-2");
    private static final int CHUNK_BYTES = 1 << 18;
    private static final byte[] KEY = {1};

    private final SolitaryCoordinator coordinator =
            new SolitaryCoordinator(PartitionState.withoutLeader(0, List.of("node-1"), 1));
    private final AtomicReference<ReplicaDriver> driver = new AtomicReference<>();
    private final CopyDirectory copies = new CopyDirectory(
            new FaultyDisk(1),
            Path.of("/partition"),
            new StoreOptions(
                    new LogOptions(0, 1 << 20, Durability.SYNC),
                    new KeyHasher(new byte[KeyHasher.SECRET_BYTES]),
                    0,
                    "",
                    UUID::randomUUID));
    private final List<Role> rolesSeenAtCommits = new ArrayList<>();

    /// Readers go by the role: one that is seen before its records would have them read what was overwritten.
    @Test
    void aRoleIsSeenOnlyWhenWhatWasCommittedWithItIsVisible() throws Exception {
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                ExecutorService syncs = Executors.newCachedThreadPool();
                Store store = copies.open()) {
            NettyEventLoop loop = loops.loopOf(0);
            ReplicaDriver made = new ReplicaDriver(
                    0,
                    copies,
                    replica(store),
                    CHUNK_BYTES,
                    dependencies(loop, syncs, new DriverListener() {
                        @Override
                        public void committed(long highWatermark) {
                            rolesSeenAtCommits.add(driver.get().role());
                        }
                    }),
                    new InFlightKeys(),
                    () -> {});
            driver.set(made);
            loop.execute(() -> loop.onTurnEnd(made::onTurnEnd));
            made.submit(new Event.StateObserved(coordinator.state()));

            PartitionOnOneNode.await(made.ready().toCompletableFuture());
            loop.stop();
        }

        assertThat(made().role()).isEqualTo(new Role.Leader(1));
        assertThat(rolesSeenAtCommits).containsExactly(new Role.PendingLeader(1, 1));
    }

    /// What was only half done must not be answered for, however the node ends.
    @Test
    void anErrorInTheMiddleOfAStepFencesTheCopy() throws Exception {
        List<Error> errors = new CopyOnWriteArrayList<>();
        try (EventLoops loops = EventLoops.start(1, errors::add);
                ExecutorService syncs = Executors.newCachedThreadPool();
                Store store = copies.open()) {
            ReplicaDriver failing = new ReplicaDriver(
                    0,
                    copies,
                    replica(store),
                    CHUNK_BYTES,
                    dependencies(loops.loopOf(0), syncs, new DriverListener() {
                        @Override
                        public void committed(long highWatermark) {
                            throw new OutOfMemoryError("as if");
                        }
                    }),
                    new InFlightKeys(),
                    () -> {});
            loops.loopOf(0).execute(() -> loops.loopOf(0).onTurnEnd(failing::onTurnEnd));
            failing.submit(new Event.StateObserved(coordinator.state()));

            PartitionOnOneNode.await(failing.stopped().toCompletableFuture());
            assertThat(failing.role()).isInstanceOf(Role.Fenced.class);
            loops.stopPartitions();
        }

        assertThat(errors).hasSize(1);
    }

    /// What a step brings about at once is taken in only when all that the step wanted is done.
    @Test
    void whatAStepBringsAboutComesAfterAllOfItsEffects() throws Exception {
        List<String> steps = new CopyOnWriteArrayList<>();
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                ExecutorService syncs = Executors.newCachedThreadPool();
                Store store = copies.open()) {
            NettyEventLoop loop = loops.loopOf(0);
            ReplicaDriver made = new ReplicaDriver(
                    0,
                    copies,
                    replica(store),
                    CHUNK_BYTES,
                    dependencies(loop, syncs, new DriverListener() {
                        @Override
                        public void stepped(Event event, Role before, Role after, Effects effects) {
                            if (event instanceof Event.Appended
                                    || !effects.settled().isEmpty()) {
                                steps.add(event.getClass().getSimpleName());
                            }
                        }
                    }),
                    new InFlightKeys(),
                    () -> {});
            loop.execute(() -> loop.onTurnEnd(made::onTurnEnd));
            made.submit(new Event.StateObserved(coordinator.state()));
            PartitionOnOneNode.await(made.ready().toCompletableFuture());
            steps.clear();

            CompletableFuture<Void> settled = new CompletableFuture<>();
            loop.execute(() ->
                    made.propose(new RecordDraft.Put(new byte[] {1}, new byte[] {2}, 0), Proposal.Acks.ALL, refusal -> {
                        steps.add("settled " + refusal);
                        settled.complete(null);
                    }));
            PartitionOnOneNode.await(settled);
            loop.stop();
        }

        assertThat(steps).containsExactly("Appended", "Synced", "settled null");
    }

    /// A record whose fate another leader decides must not be taken for what its key will be.
    @Test
    void nothingIsInFlightOnceTheReplicaDoesNotLead() throws Exception {
        InFlightKeys inFlight = new InFlightKeys();
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                ExecutorService syncs = Executors.newCachedThreadPool();
                Store store = copies.open()) {
            NettyEventLoop loop = loops.loopOf(0);
            ReplicaDriver made = new ReplicaDriver(
                    0,
                    copies,
                    replica(store),
                    CHUNK_BYTES,
                    dependencies(loop, syncs, DriverListener.NONE),
                    inFlight,
                    () -> {});
            loop.execute(() -> loop.onTurnEnd(made::onTurnEnd));
            made.submit(new Event.StateObserved(coordinator.state()));
            PartitionOnOneNode.await(made.ready().toCompletableFuture());

            byte[] key = {1};
            PartitionState elsewhere = PartitionState.withoutLeader(0, List.of("node-1", "node-2"), 1)
                    .withLeadership(new NodeIncarnation("node-2", "process"), 5, Set.of(new CopyId("node-2", "copy")));
            CompletableFuture<Boolean> known = new CompletableFuture<>();
            loop.execute(() -> {
                inFlight.add(
                        new RecordDraft.Put(key, new byte[] {2}, 0),
                        9,
                        Objects.requireNonNull(new ByteBudget(1).tryHold(1)));
                made.step(new Event.StateObserved(new Versioned<>(elsewhere, 9)));
                known.complete(inFlight.of(key) != null);
            });

            assertThat(PartitionOnOneNode.await(known)).isFalse();
            loop.stop();
        }
    }

    /// Even of one that has ended by then and is told of later.
    @Test
    void aSyncOfACopyThatWasReplacedSaysNothingOfTheOneInItsPlace() throws Exception {
        Queue<Runnable> syncs = new ConcurrentLinkedQueue<>();
        List<Event> steps = new CopyOnWriteArrayList<>();
        CompletableFuture<Runnable> replaced = new CompletableFuture<>();
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                Store store = copies.open()) {
            NettyEventLoop loop = loops.loopOf(0);
            ReplicaDriver made = new ReplicaDriver(
                    0,
                    copies,
                    replica(store),
                    CHUNK_BYTES,
                    dependencies(loop, syncs::add, new DriverListener() {
                        @Override
                        public void stepped(Event event, Role before, Role after, Effects effects) {
                            steps.add(event);
                        }
                    }),
                    new InFlightKeys(),
                    () -> loop.execute(() -> replaced.complete(this::replaceCopy)));
            NodeIncarnation self = new NodeIncarnation("node-1", "process-1");
            Set<CopyId> inSync = Set.of(new CopyId("node-1", store.id().toString()), new CopyId("node-2", "copy"));
            PartitionState unled = PartitionState.withoutLeader(0, List.of("node-1", "node-2"), 1);
            loop.execute(() -> loop.onTurnEnd(made::onTurnEnd));
            made.submit(new Event.StateObserved(new Versioned<>(unled.withLeadership(self, 1, inSync), 1)));
            loop.execute(() -> made.step(new Event.TurnEnded()));
            settle(loop, () -> syncs.remove().run());
            made.submit(new Event.StateObserved(new Versioned<>(unled.withLeadership(self, 2, inSync), 2)));
            loop.execute(() -> made.step(new Event.TurnEnded()));
            loop.execute(() -> made.onFailure(store, new DamagedLogException(Path.of("log"), 0, 1, "a bit")));
            NodeIncarnation leader = new NodeIncarnation("node-2", "process-2");
            made.submit(new Event.StateObserved(new Versioned<>(unled.withLeadership(leader, 3, inSync), 3)));
            made.submit(new Event.Received(leader, new Message.Heartbeat(3, new ClockReading(1, 1), 1, 1, false)));
            Runnable replace = PartitionOnOneNode.await(replaced);

            assertThat(syncs).hasSize(1);
            steps.clear();
            settle(loop, () -> {
                syncs.forEach(Runnable::run);
                replace.run();
                made.onReplaced();
            });

            loop.stop();
            assertThat(made.role()).isInstanceOf(Role.Follower.class);
            assertThat(steps).filteredOn(Event.Synced.class::isInstance).containsExactly(new Event.Synced(0));
            copies.current().close();
        }
    }

    /// A copy that is opened again must know what others may have forgotten by then.
    @Test
    void boundsThatAReplicaRaisesAreKept() throws Exception {
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                ExecutorService syncs = Executors.newCachedThreadPool();
                Store store = copies.open()) {
            lead(loops.loopOf(0), syncs, store);

            await().until(() -> store.bounds().purgeHorizon() == 1);
        }
    }

    /// A loop that waited for the disk would have the leases of all its partitions lapse.
    @Test
    void recordsWaitOffTheLoopForTheBoundsTheyCameWith() throws Exception {
        Queue<Runnable> syncs = new ConcurrentLinkedQueue<>();
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                Store store = copies.open()) {
            NettyEventLoop loop = loops.loopOf(0);
            ReplicaDriver made = follower(loop, store, syncs, () -> {});

            settle(loop, () -> made.step(received(append(0, 2, 7))));
            settle(loop, () -> made.step(received(append(2, 4, 7))));

            assertThat(syncs).hasSize(1);
            assertThat(store.end()).isZero();
            settle(loop, () -> syncs.remove().run());
            assertThat(store.bounds().purgeHorizon()).isEqualTo(7);
            assertThat(store.end()).isEqualTo(4);
            assertThat(made.role()).isEqualTo(new Role.Follower());
            loop.stop();
        }
    }

    @Test
    void recordsThatWaitAreNotStoredOnceAnotherLeaderIsFollowed() throws Exception {
        Queue<Runnable> syncs = new ConcurrentLinkedQueue<>();
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                Store store = copies.open()) {
            NettyEventLoop loop = loops.loopOf(0);
            ReplicaDriver made = follower(loop, store, syncs, () -> {});
            settle(loop, () -> made.step(received(append(0, 2, 7))));

            PartitionState another =
                    led(store).withLeadership(new NodeIncarnation("node-3", "process-3"), 2, inSync(store));
            settle(loop, () -> made.step(new Event.StateObserved(new Versioned<>(another, 2))));
            settle(loop, () -> syncs.remove().run());

            assertThat(store.bounds().purgeHorizon()).isEqualTo(7);
            assertThat(store.end()).isZero();
            assertThat(made.role()).isEqualTo(new Role.Follower());
            loop.stop();
        }
    }

    /// It would be written to the directory of the new one.
    @Test
    void aCopyIsNotReplacedWhileItsBoundsAreWritten() throws Exception {
        Queue<Runnable> syncs = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> replaced = new CompletableFuture<>();
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                Store store = copies.open()) {
            NettyEventLoop loop = loops.loopOf(0);
            ReplicaDriver made = follower(loop, store, syncs, () -> replaced.complete(null));
            settle(loop, () -> made.step(received(append(0, 2, 7))));

            settle(loop, () -> made.onFailure(store, new DamagedLogException(Path.of("log"), 0, 1, "a bit")));
            settle(loop, () -> made.step(received(new Message.Heartbeat(1, new ClockReading(1, 1), 2, 2, false))));
            assertThat(made.role()).isInstanceOf(Role.Rebuilding.class);
            assertThat(replaced).isNotDone();

            settle(loop, () -> syncs.remove().run());
            assertThat(replaced).isDone();
            loop.stop();
        }
    }

    /// What a log with gaps shows while it is brought up to date is later than the position that is known.
    @Test
    void aReadOfACopyThatHasBecomeIncompleteMeanwhileWaitsUntilItIsComplete() throws Exception {
        Queue<Runnable> offLoop = new ConcurrentLinkedQueue<>();
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                Store store = copies.open()) {
            NettyEventLoop loop = loops.loopOf(0);
            ReplicaDriver made = follower(loop, store, offLoop, () -> {});
            CommandExecutor commands = commands(made, dependencies(loop, offLoop::add, DriverListener.NONE));
            settle(loop, () -> made.step(received(append(0, 2, 2, 0))));
            runAll(loop, made, offLoop);
            assertThat(made.highWatermark()).isEqualTo(2);
            CompletableFuture<Answer<@Nullable FoundRecord>> read = commands.beginGet(
                            KEY, new ReplicaRead(1, 2, ReplicaRead.MAX_WAIT_MILLIS))
                    .thenComposeAsync(StartedGet::finish, offLoop::add)
                    .toCompletableFuture();
            settle(loop, () -> {});
            Runnable reading = offLoop.remove();

            settle(loop, () -> made.step(received(append(2, 4, 2, 6))));
            runAll(loop, made, offLoop);
            assertThat(store.highWatermark()).isEqualTo(4);
            reading.run();
            settle(loop, () -> {});
            assertThat(read).isNotDone();

            settle(loop, () -> made.step(received(append(4, 6, 6, 6))));
            runAll(loop, made, offLoop);
            assertThat(PartitionOnOneNode.await(read).position()).isEqualTo(new Position(0, 1, 6));
            loop.stop();
        }
    }

    /// Runs what waits off the loop, and what comes of it, until nothing does.
    private static void runAll(EventLoop loop, ReplicaDriver made, Queue<Runnable> offLoop) throws Exception {
        settle(loop, () -> made.step(new Event.TurnEnded()));
        while (!offLoop.isEmpty()) {
            offLoop.remove().run();
            settle(loop, () -> made.step(new Event.TurnEnded()));
        }
    }

    private CommandExecutor commands(ReplicaDriver made, Dependencies dependencies) {
        return new CommandExecutor(
                0,
                copies,
                made,
                new InFlightKeys(),
                dependencies,
                new ByteBudget(1 << 20),
                new DiskReserve(new FaultyDisk(1), Path.of("/partition"), 0, System::nanoTime),
                () -> new PutThrottle(copies.current(), "partition 0", () -> false, System::nanoTime));
    }

    private static Set<CopyId> inSync(Store store) {
        return Set.of(
                new CopyId("node-1", store.id().toString()),
                new CopyId("node-2", "copy"),
                new CopyId("node-3", "copy"));
    }

    private static PartitionState led(Store store) {
        return PartitionState.withoutLeader(0, List.of("node-1", "node-2", "node-3"), 1)
                .withLeadership(LEADER, 1, inSync(store));
    }

    /// Follows [#LEADER] in epoch 1, and streams.
    private ReplicaDriver follower(NettyEventLoop loop, Store store, Queue<Runnable> syncs, Runnable replace)
            throws Exception {
        ReplicaDriver made = new ReplicaDriver(
                0,
                copies,
                replica(store),
                CHUNK_BYTES,
                dependencies(loop, syncs::add, DriverListener.NONE),
                new InFlightKeys(),
                replace);
        settle(loop, () -> {
            made.step(new Event.StateObserved(new Versioned<>(led(store), 1)));
            made.step(received(new Message.StreamOpened(1, 1, 0, EpochHistory.EMPTY.with(1, 1), false)));
        });
        return made;
    }

    private static Event received(Message message) {
        return new Event.Received(LEADER, message);
    }

    private static Message.AppendRecords append(long from, long to, long purgeHorizon) {
        return append(from, to, 0, purgeHorizon, 0);
    }

    private static Message.AppendRecords append(long from, long to, long highWatermark, long completeAt) {
        return append(from, to, highWatermark, 0, completeAt);
    }

    /// A MARK and a record for each two sequences.
    private static Message.AppendRecords append(
            long from, long to, long highWatermark, long purgeHorizon, long completeAt) {
        BatchEncoder encoder = new BatchEncoder();
        encoder.start(1, from + 1);
        encoder.mark(1, 0);
        encoder.put(KEY, new byte[] {2}, 0);
        encoder.endBatch();
        ByteBuffer group = encoder.group();
        byte[] bytes = new byte[group.remaining()];
        group.get(bytes);
        return new Message.AppendRecords(
                1, 1, from, to, highWatermark, purgeHorizon, completeAt, 0, new RawBatches(ByteBuffer.wrap(bytes)));
    }

    /// It may show older values than others have shown.
    @Test
    void whatACopyThatIsNotWholeKnowsToBeCommittedCountsForNothing() throws Exception {
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                ExecutorService syncs = Executors.newCachedThreadPool();
                Store store = copies.open()) {
            lead(loops.loopOf(0), syncs, store);

            assertThat(HostedPartition.recovered(store).highWatermark()).isEqualTo(1);
            store.saveBounds(new CopyBounds(1, 5, 0));
            assertThat(HostedPartition.recovered(store).highWatermark()).isZero();
        }
    }

    /// Leads until its MARK is committed, and ends.
    private void lead(NettyEventLoop loop, Executor syncs, Store store) throws Exception {
        ReplicaDriver made = new ReplicaDriver(
                0,
                copies,
                replica(store),
                CHUNK_BYTES,
                dependencies(loop, syncs, DriverListener.NONE),
                new InFlightKeys(),
                () -> {});
        loop.execute(() -> loop.onTurnEnd(made::onTurnEnd));
        made.submit(new Event.StateObserved(coordinator.state()));
        PartitionOnOneNode.await(made.ready().toCompletableFuture());
        loop.stop();
    }

    /// Runs something on the loop, and what it has the loop do.
    private static void settle(EventLoop loop, Runnable action) throws Exception {
        CompletableFuture<Void> settled = new CompletableFuture<>();
        loop.execute(() -> {
            action.run();
            loop.execute(() -> settled.complete(null));
        });
        PartitionOnOneNode.await(settled);
    }

    private void replaceCopy() {
        try {
            copies.replace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ReplicaDriver made() {
        return driver.get();
    }

    private Dependencies dependencies(EventLoop loop, Executor workers, DriverListener listener) {
        return new Dependencies(
                loop,
                workers,
                workers,
                coordinator,
                (_, _, _) -> {},
                () -> new ClockReading(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), System.currentTimeMillis()),
                listener);
    }

    private static Replica replica(Store store) {
        ReplicaOptions options = ReplicaOptions.builder(
                        new NodeIncarnation("node-1", "process-1"),
                        new CopyId("node-1", store.id().toString()))
                .maxRetainedTombstones(100)
                .build();
        return new Replica(options, HostedPartition.recovered(store));
    }
}
