package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static io.caskade.server.partition.PartitionOnOneNode.awaitQuietly;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Role;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// In which order a node's copies stop. The first one cannot stop before the test lets it sync.
class StaggeredStopTest {

    private static final long FOR_EVER = 1_000_000;

    private final PartitionOnOneNode first = new PartitionOnOneNode(1, Durability.SYNC);
    private final PartitionOnOneNode second = new PartitionOnOneNode(2, Durability.SYNC);
    private final CountDownLatch synced = new CountDownLatch(1);
    private PartitionOnOneNode.Life busy;
    private PartitionOnOneNode.Life next;
    private CompletableFuture<?> inFlight;

    @BeforeEach
    void keepTheFirstBusy() throws Exception {
        busy = first.start();
        next = second.start();
        first.disk.beforeSync(() -> awaitQuietly(synced));
        inFlight = busy.put("key", "value");
    }

    @AfterEach
    void abandonBoth() throws Exception {
        synced.countDown();
        busy.abandon();
        next.abandon();
    }

    @Test
    void aLeaderIsServedUntilTheOneBeforeItHasStopped() throws Exception {
        CompletableFuture<Void> stopped = stop(FOR_EVER, FOR_EVER);

        await(next.put("key", "served meanwhile"));

        assertThat(inFlight).isNotDone();
        assertThat(stopped).isNotDone();
    }

    @Test
    void oneThatIsStuckHoldsUpTheOthersForAMoment() throws Exception {
        CompletableFuture<Void> stopped = stop(1, FOR_EVER);

        awaitStopped(next);

        assertThat(stopped).isNotDone();
        synced.countDown();
        await(stopped);
    }

    @Test
    void allStopInTheEndHoweverLongTheirTurnsTake() {
        CompletableFuture<Void> stopped = stop(FOR_EVER, 1);

        awaitStopped(next);

        assertThat(stopped).isNotDone();
    }

    @Test
    void allStopAtOnceWhereThereIsNoTime() {
        CompletableFuture<Void> stopped = stop(FOR_EVER, 0);

        awaitStopped(next);

        assertThat(stopped).isNotDone();
    }

    @Test
    void followersStopWhenTheLeadersHave() throws Exception {
        follow();

        CompletableFuture<Void> stopped =
                new StaggeredStop(copies(), 1, FOR_EVER).run(FOR_EVER).toCompletableFuture();
        assertThat(PartitionProbe.publishedRole(next.partition())).isInstanceOf(Role.Follower.class);
        synced.countDown();

        await(stopped);
    }

    @Test
    void followersStopInTheEndHoweverLongTheLeadersTake() throws Exception {
        follow();

        CompletableFuture<Void> stopped = stop(FOR_EVER, 1);

        awaitStopped(next);
        assertThat(stopped).isNotDone();
    }

    /// The second partition is led by another node from now on.
    private void follow() {
        PartitionState led = PartitionState.withoutLeader(0, List.of("node-2", "node-1"), 1)
                .withLeadership(new NodeIncarnation("node-2", "process"), 9, Set.of(new CopyId("node-2", "copy")));
        next.partition().stateChanged(new Versioned<>(led, 9));
        Awaitility.await().until(() -> !next.partition().leads());
    }

    private List<HostedPartition> copies() {
        return List.of(busy.partition(), next.partition());
    }

    private CompletableFuture<Void> stop(long stuckMillis, long limitMillis) {
        return new StaggeredStop(copies(), FOR_EVER, stuckMillis)
                .run(limitMillis)
                .toCompletableFuture();
    }

    private static void awaitStopped(PartitionOnOneNode.Life life) {
        Awaitility.await().until(() -> PartitionProbe.publishedRole(life.partition()) instanceof Role.Stopped);
    }
}
