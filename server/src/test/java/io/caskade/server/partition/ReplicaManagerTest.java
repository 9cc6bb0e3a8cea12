package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ReplicaManagerTest {

    private static final long RETRY_MILLIS = 1_000;
    private static final long GRANT_MILLIS = 420;
    private static final long STOP_MILLIS = 2_500;

    private static final NodeIncarnation LEADER = new NodeIncarnation("node-2", "process-2");

    private static final ClusterImage NOTHING = ClusterImage.empty(new ClusterSettings("cluster", 1));

    /// A message that was sent.
    private record Sent(String to, int partition, Message message) {}

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC);
    private final List<Sent> sent = new ArrayList<>();
    private final RecordingRemover remover = new RecordingRemover();
    private final List<Integer> closed = new CopyOnWriteArrayList<>();
    private Executor workers = Runnable::run;
    private final AtomicLong millis = new AtomicLong();

    /// Runs tasks of the manager on threads that may wait for the partition's loop.
    private void useThreads() {
        workers = task -> Thread.ofVirtual().start(task);
    }

    @Test
    void aPartitionAssignedElsewhereIsNotified() throws Exception {
        PartitionOnOneNode.Life life = node.open();
        ReplicaManager partitions = partitions((_, _) -> life.partition());
        partitions.imageChanged(NOTHING.with(node.coordinator.state()));
        await(partitions.ready().toCompletableFuture());

        PartitionState moved = PartitionState.withoutLeader(0, List.of("node-2"), 1)
                .withLeadership(new NodeIncarnation("node-2", "process"), 5, Set.of(new CopyId("node-2", "copy")));
        partitions.imageChanged(NOTHING.with(new Versioned<>(moved, 9)));

        assertThatThrownBy(() -> await(life.put("key", "value")))
                .satisfies(thrown -> assertThat(thrown instanceof CommandRefusedException ? thrown : thrown.getCause())
                        .hasMessageContaining("does not lead"));
        life.stop();
    }

    @Test
    void aLeaderHoldsItsLeaseUntilItIsDeposed() throws Exception {
        PartitionOnOneNode.Life life = node.open();
        ReplicaManager partitions = partitions((_, _) -> life.partition());
        assertThat(partitions.holdsLease(0)).isFalse();
        partitions.imageChanged(NOTHING.with(node.coordinator.state()));
        await(partitions.ready().toCompletableFuture());
        assertThat(partitions.holdsLease(0)).isTrue();

        PartitionState moved = PartitionState.withoutLeader(0, List.of("node-2"), 1)
                .withLeadership(LEADER, 5, Set.of(new CopyId("node-2", "copy")));
        partitions.imageChanged(NOTHING.with(new Versioned<>(moved, 9)));

        Awaitility.await().until(() -> !partitions.holdsLease(0));
        life.stop();
    }

    @Test
    void aFaultWhileACopyIsOpenedIsReportedAtOnce() {
        ReplicaManager partitions = partitions((_, _) -> {
            throw new IllegalStateException("a fault of the test's");
        });

        partitions.imageChanged(NOTHING.with(node.coordinator.state()));

        assertThatThrownBy(() -> await(partitions.ready().toCompletableFuture()))
                .hasRootCauseMessage("a fault of the test's");
    }

    @Test
    void aFullDiskDoesNotKeepCopiesFromClosing() throws Exception {
        PartitionOnOneNode.Life life = node.open();
        ReplicaManager partitions = partitions((_, _) -> life.partition());
        partitions.imageChanged(NOTHING.with(node.coordinator.state()));
        await(partitions.ready().toCompletableFuture());
        await(life.put("key", "value"));

        await(partitions.stop(STOP_MILLIS).toCompletableFuture());
        life.abandon();
        node.disk.setFreeBytes(-(1 << 20));
        partitions.close();

        node.disk.setFreeBytes(1 << 30);
        PartitionOnOneNode.Life next = node.start();
        assertThat(next.get("key")).isEqualTo("value");
        next.stop();
    }

    @Test
    void noCopyIsOpenedOnceTheNodeStops() throws Exception {
        ReplicaManager partitions = partitions((_, _) -> {
            throw new AssertionError("opened");
        });
        await(partitions.stop(STOP_MILLIS).toCompletableFuture());

        partitions.imageChanged(NOTHING.with(node.coordinator.state()));

        assertThat(partitions.ready().toCompletableFuture()).isNotDone();
    }

    @Test
    void openingACopyIsRetriedLater() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        AtomicReference<PartitionOnOneNode.Life> life = new AtomicReference<>();
        ReplicaManager partitions = partitions((_, _) -> {
            if (attempts.incrementAndGet() == 1) {
                throw new IOException("the disk is away");
            }
            life.set(node.open());
            return life.get().partition();
        });
        partitions.imageChanged(NOTHING.with(node.coordinator.state()));
        partitions.tick();
        assertThat(attempts).hasValue(1);

        millis.addAndGet(RETRY_MILLIS);
        partitions.tick();

        await(life.get().ready());
        assertThat(attempts).hasValue(2);
        assertThat(partitions.all()).containsExactly(life.get().partition());
        life.get().stop();
    }

    /// With two replicas and `min-insync` 2, none would lead otherwise, and so it would never be replaced
    /// (seed 4136).
    @Test
    void forADamagedCopyItsNodeSupportsTheOneThatWantsToLead() {
        ReplicaManager partitions = partitions((_, _) -> {
            throw new DamagedLogException(Path.of("log"), 0, 1, "a flipped bit");
        });
        partitions.onMessage(LEADER, 0, new Message.PreVoteRequest(5, 7));
        assertThat(sent).as("nothing is known yet").isEmpty();

        partitions.imageChanged(NOTHING.with(new Versioned<>(inSync("node-1", "node-2"), 1)));
        partitions.onMessage(LEADER, 0, new Message.PreVoteRequest(5, 8));

        assertThat(sent)
                .containsExactly(new Sent(
                        "node-2",
                        0,
                        new Message.PreVoteResponse(5, 8, new CopyId("node-1", "copy of node-1"), false, 0, 0)));
    }

    @Test
    void aDamagedCopyIsSetAsideOnceALeaderWithAWholeOneIsHeard() throws Exception {
        List<Boolean> asked = new ArrayList<>();
        ReplicaManager partitions = partitions((_, setAside) -> {
            asked.add(setAside);
            throw new DamagedLogException(Path.of("log"), 0, 1, "a flipped bit");
        });

        partitions.imageChanged(NOTHING.with(new Versioned<>(inSync("node-1", "node-2"), 1)));
        partitions.onMessage(LEADER, 0, heartbeat(5, false));
        assertThat(asked).as("no node leads").containsExactly(false);
        partitions.imageChanged(NOTHING.with(new Versioned<>(
                inSync("node-1", "node-2")
                        .withLeadership(LEADER, 6, inSync("node-1", "node-2").isr()),
                2)));
        partitions.onMessage(LEADER, 0, heartbeat(5, false));
        partitions.onMessage(new NodeIncarnation("node-2", "an earlier one"), 0, heartbeat(6, false));
        partitions.onMessage(LEADER, 0, heartbeat(6, true));
        assertThat(asked).as("no whole copy leads").containsExactly(false);

        partitions.onMessage(LEADER, 0, heartbeat(6, false));

        assertThat(asked).containsExactly(false, true);
        assertThat(await(partitions.statuses().getFirst()).problem()).contains("a flipped bit");
    }

    @Test
    void aNodeIsReadyWithoutTheCopyThatCannotBeOpened() throws Exception {
        PartitionOnOneNode.Life life = node.open();
        ReplicaManager partitions = partitions(2, (id, _) -> {
            if (id == 1) {
                throw new DamagedLogException(Path.of("log"), 0, 1, "a flipped bit");
            }
            return life.partition();
        });

        partitions.imageChanged(ClusterImage.empty(new ClusterSettings("cluster", 2))
                .with(node.coordinator.state())
                .with(new Versioned<>(inSync(1, "node-1"), 1)));

        await(partitions.ready().toCompletableFuture());
        assertThat(partitions.statuses().stream().map(CompletableFuture::join).map(CopyStatus::problem))
                .anyMatch(problem -> problem.contains("a flipped bit"))
                .anyMatch(String::isEmpty);
        life.stop();
    }

    @Test
    void theOnlyCopyInSyncIsKeptEvenWhenDamaged() throws Exception {
        List<Boolean> asked = new ArrayList<>();
        ReplicaManager partitions = partitions((_, setAside) -> {
            asked.add(setAside);
            throw new DamagedLogException(Path.of("log"), 0, 1, "a flipped bit");
        });

        partitions.imageChanged(NOTHING.with(new Versioned<>(inSync("node-1"), 1)));

        assertThat(asked).containsExactly(false);
    }

    @Test
    void aDamagedCopyIsKeptWhereOthersMayHaveLostWhatTheyAcknowledged() throws Exception {
        List<Boolean> asked = new ArrayList<>();
        ReplicaManager partitions = partitions(
                1,
                (_, setAside) -> {
                    asked.add(setAside);
                    throw new DamagedLogException(Path.of("log"), 0, 1, "a flipped bit");
                },
                false);

        partitions.imageChanged(NOTHING.with(new Versioned<>(inSync("node-1", "node-2"), 1)));

        assertThat(asked).containsExactly(false);
    }

    /// Three nodes keep the partition, this one does not, and node-2 leads it.
    private static Versioned<PartitionState> elsewhere(int version, String... inSync) {
        return new Versioned<>(
                PartitionState.withoutLeader(0, List.of("node-2", "node-3"), 1)
                        .withLeadership(
                                LEADER,
                                9,
                                Stream.of(inSync)
                                        .map(node -> new CopyId(node, "copy of " + node))
                                        .collect(Collectors.toSet())),
                version);
    }

    private static final NodeInfo LEADING_NODE =
            new NodeInfo("node-2", "process-2", "", null, null, null, null, "test");

    private static final ClusterImage LED = NOTHING.with(LEADING_NODE);

    @Test
    void aCopyIsClosedAndDeletedOnceTheOthersAreInSync() throws Exception {
        useThreads();
        PartitionOnOneNode.Life life = node.open();
        ReplicaManager partitions = partitions((_, _) -> life.partition());
        partitions.imageChanged(LED.with(node.coordinator.state()));
        await(partitions.ready().toCompletableFuture());

        Versioned<PartitionState> filling = elsewhere(8, "node-2");
        remover.stored = filling;
        partitions.imageChanged(LED.with(filling));
        letGrantsEnd(partitions, life);
        assertThat(partitions.all()).as("node-3 is not in sync").hasSize(1);
        remover.stored = elsewhere(9, "node-2", "node-3");
        partitions.imageChanged(NOTHING.with(remover.stored));
        letGrantsEnd(partitions, life);
        assertThat(partitions.all()).as("its leader may not exist any more").hasSize(1);

        partitions.imageChanged(LED.with(remover.stored));

        awaitAsGrantsEnd(
                partitions, () -> !remover.deleted.isEmpty() && partitions.all().isEmpty());
        assertThat(closed).containsExactly(0);
        assertThat(PartitionProbe.store(life.partition()).isClosed()).isTrue();
        life.abandon();
    }

    /// Its process may have been down, or its image old, when that happened.
    @Test
    void aCopyLeftOverFromBeforeIsDeletedWithoutBeingOpened() {
        ReplicaManager partitions = partitions((_, _) -> {
            throw new AssertionError("opened");
        });
        millis.set(GRANT_MILLIS);
        remover.exists = true;
        remover.stored = elsewhere(9, "node-2", "node-3");

        partitions.imageChanged(LED.with(elsewhere(8, "node-2")));
        partitions.tick();
        assertThat(remover.deleted).as("node-3 is not in sync").isEmpty();
        partitions.imageChanged(NOTHING.with(remover.stored));
        partitions.tick();
        assertThat(remover.deleted).as("its leader may not exist any more").isEmpty();
        partitions.imageChanged(LED.with(remover.stored));
        partitions.tick();

        assertThat(remover.deleted).containsExactly(0);
    }

    /// Its leader may add it to the set for as long, should it be assigned again.
    @Test
    void aCopyIsDeletedNoSoonerThanItsLeaseGrantsHaveEnded() throws Exception {
        PartitionOnOneNode.Life life = node.open();
        ReplicaManager partitions = partitions((_, _) -> life.partition());
        partitions.imageChanged(LED.with(node.coordinator.state()));
        await(partitions.ready().toCompletableFuture());
        millis.set(5_000);
        remover.stored = elsewhere(9, "node-2", "node-3");
        partitions.imageChanged(LED.with(remover.stored));
        await(life.partition().stop().toCompletableFuture());
        awaitLoop(life);

        millis.addAndGet(GRANT_MILLIS - 1);
        partitions.tick();
        assertThat(remover.deleted).isEmpty();

        millis.addAndGet(1);
        partitions.tick();
        assertThat(remover.deleted).containsExactly(0);
        life.abandon();
    }

    @Test
    void nothingIsDeletedOnTheWordOfAnImageThatIsBehind() throws Exception {
        useThreads();
        List<PartitionOnOneNode.Life> lives = new CopyOnWriteArrayList<>();
        ReplicaManager partitions = partitions((_, _) -> {
            lives.add(node.open());
            return lives.getLast().partition();
        });
        partitions.imageChanged(LED.with(node.coordinator.state()));
        await(partitions.ready().toCompletableFuture());

        PartitionState again = PartitionState.withoutLeader(0, List.of("node-2", "node-1"), 1)
                .withLeadership(LEADER, 9, Set.of(new CopyId("node-2", "copy of node-2")));
        remover.stored = new Versioned<>(again, 10);
        partitions.imageChanged(LED.with(elsewhere(9, "node-2", "node-3")));
        awaitAsGrantsEnd(partitions, () -> !closed.isEmpty());
        partitions.imageChanged(LED.with(remover.stored));

        awaitUntil(() -> lives.size() == 2);
        assertThat(remover.deleted).isEmpty();
        awaitUntil(() -> !partitions.all().isEmpty());
        lives.getFirst().abandon();
        lives.getLast().stop();
    }

    @Test
    void aDeletionThatFailsIsTriedAgain() {
        ReplicaManager partitions = partitions((_, _) -> {
            throw new AssertionError("opened");
        });
        millis.set(GRANT_MILLIS);
        remover.exists = true;
        partitions.imageChanged(LED.with(elsewhere(9, "node-2", "node-3")));
        partitions.tick();
        assertThat(remover.deleted).as("ZooKeeper is away").isEmpty();

        remover.stored = elsewhere(9, "node-2", "node-3");
        remover.failsToDelete = true;
        partitions.tick();
        assertThat(remover.deleted).as("the disk is away").isEmpty();
        remover.failsToDelete = false;
        partitions.tick();

        assertThat(remover.deleted).containsExactly(0);
    }

    /// The image that makes it safe again may have come before the answer that says it is not.
    @Test
    void aCopyThatWasNeededForAMomentIsDeletedLater() {
        ReplicaManager partitions = partitions((_, _) -> {
            throw new AssertionError("opened");
        });
        millis.set(GRANT_MILLIS);
        remover.exists = true;
        remover.stored = elsewhere(9, "node-2");
        partitions.imageChanged(LED.with(elsewhere(10, "node-2", "node-3")));
        partitions.tick();
        assertThat(remover.deleted).as("node-3 is not in sync").isEmpty();

        remover.stored = elsewhere(10, "node-2", "node-3");
        partitions.tick();

        assertThat(remover.deleted).containsExactly(0);
    }

    @Test
    void aNodeThatIsAssignedTheDeletedCopyAgainStartsWithAnEmptyOne() throws Exception {
        List<Integer> opened = new ArrayList<>();
        PartitionOnOneNode.Life life = node.open();
        ReplicaManager partitions = partitions((id, _) -> {
            opened.add(id);
            return life.partition();
        });
        remover.exists = true;
        remover.stored = elsewhere(9, "node-2", "node-3");
        partitions.imageChanged(LED.with(remover.stored));
        awaitAsGrantsEnd(partitions, () -> remover.deleted.equals(List.of(0)));

        partitions.imageChanged(
                LED.with(new Versioned<>(node.coordinator.state().value(), 10)));

        assertThat(opened).containsExactly(0);
        life.stop();
    }

    /// Waits while the clock goes on.
    private void awaitAsGrantsEnd(ReplicaManager partitions, BooleanSupplier condition) {
        awaitUntil(() -> {
            millis.addAndGet(GRANT_MILLIS);
            partitions.tick();
            return condition.getAsBoolean();
        });
    }

    /// Deletes the copy if the last image has had it stopped.
    private void letGrantsEnd(ReplicaManager partitions, PartitionOnOneNode.Life life) throws Exception {
        awaitLoop(life);
        millis.addAndGet(GRANT_MILLIS);
        partitions.tick();
    }

    /// Waits for what the copy's loop had to do up to now.
    private static void awaitLoop(PartitionOnOneNode.Life life) throws Exception {
        await(CompletableFuture.runAsync(() -> {}, life.partition().loop()));
    }

    private static void awaitUntil(BooleanSupplier condition) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(condition::getAsBoolean);
    }

    private static Message.Heartbeat heartbeat(int epoch, boolean damaged) {
        return new Message.Heartbeat(epoch, new ClockReading(1, 1), 9, 9, damaged);
    }

    private static PartitionState inSync(String... nodes) {
        return inSync(0, nodes);
    }

    private static PartitionState inSync(int id, String... nodes) {
        return PartitionState.withoutLeader(id, List.of("node-1", "node-2"), 1)
                .withLeadership(
                        null,
                        5,
                        Stream.of(nodes)
                                .map(node -> new CopyId(node, "copy of " + node))
                                .collect(Collectors.toSet()));
    }

    private ReplicaManager partitions(ReplicaManager.Opener opener) {
        return partitions(1, opener);
    }

    private ReplicaManager partitions(int count, ReplicaManager.Opener opener) {
        return partitions(count, opener, true);
    }

    private ReplicaManager partitions(int count, ReplicaManager.Opener opener, boolean syncBeforeAck) {
        return new ReplicaManager(
                "node-1",
                count,
                new ReplicaManager.OpenListener() {
                    @Override
                    public void opened(int partition, CommandExecutor commands) {
                        closed.removeIf(id -> id == partition);
                    }

                    @Override
                    public void closed(int partition) {
                        closed.add(partition);
                    }
                },
                opener,
                remover,
                (to, id, message) -> sent.add(new Sent(to, id, message)),
                workers,
                () -> new ClockReading(millis.get(), 0),
                RETRY_MILLIS,
                GRANT_MILLIS,
                syncBeforeAck);
    }
}
