package io.caskade.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.api.CausalContext;
import io.caskade.api.KeySlots;
import io.caskade.api.v1.CopyId;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.NodeIncarnation;
import io.caskade.api.v1.PartitionState;
import io.caskade.api.v1.Position;
import io.caskade.testing.FreePorts;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Reads that any replica may answer: which one is asked, for what, and what happens when it does not answer.
class ReplicaReadTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final int PARTITIONS = 8;
    private static final int PARTITION = KeySlots.partitionOf(KEY, PARTITIONS);
    private static final String SECOND = "node-2";
    private static final String THIRD = "node-3";

    private FakeCluster cluster;
    private FakeNode leader;
    private FakeNode second;
    private FakeNode third;
    private CaskadeClient client;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(PARTITIONS);
        leader = cluster.node();
        second = new FakeNode(PARTITIONS);
        third = new FakeNode(PARTITIONS);
        cluster.register(SECOND, "start", second.port());
        cluster.register(THIRD, "start", third.port());
        setInSync(FakeCluster.NODE, SECOND, THIRD);
        client = CaskadeClient.create(cluster.config());
        leader.apply(3, 90);
        second.apply(3, 80);
        third.apply(3, 80);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        second.close();
        third.close();
        cluster.close();
    }

    /// All three keep a replica.
    private void setInSync(String... nodes) throws Exception {
        cluster.write("/partitions/" + PARTITION, state(nodes).build());
    }

    private static PartitionState.Builder state(String... inSync) {
        return PartitionState.newBuilder()
                .setId(PARTITION)
                .setEpoch(3)
                .setMinInSync(1)
                .setLeader(
                        NodeIncarnation.newBuilder().setNode(FakeCluster.NODE).setIncarnation(FakeCluster.INCARNATION))
                .addAllReplicas(List.of(FakeCluster.NODE, SECOND, THIRD))
                .addAllInSync(Stream.of(inSync)
                        .map(node -> CopyId.newBuilder()
                                .setNode(node)
                                .setCopy("copy of " + node)
                                .build())
                        .toList());
    }

    private static CausalContext context(int partition, int epoch, long sequence) {
        return CausalContext.of(Position.newBuilder()
                .setPartition(partition)
                .setEpoch(epoch)
                .setSequence(sequence)
                .build());
    }

    private static CausalContext seen(int epoch, long sequence) {
        return context(PARTITION, epoch, sequence);
    }

    @Test
    void readsSpreadOverTheFollowersThatAreInSync() {
        for (int i = 0; i < 40; i++) {
            client.get(KEY, ReadMode.eventual());
        }

        assertThat(leader.calls()).isZero();
        assertThat(second.calls()).isPositive();
        assertThat(third.calls()).isPositive();
        assertThat(second.modes()).allMatch(io.caskade.api.v1.ReadMode::getEventual);
    }

    @Test
    void aCausalReadSendsThePositionOfItsPartitionAndLeavesTheRefusalTimeToArrive() throws Exception {
        setInSync(FakeCluster.NODE, SECOND);
        CausalContext context = seen(3, 70).merge(context((PARTITION + 1) % PARTITIONS, 9, 9));

        ReadResult<Optional<Entry>> result = client.get(KEY, ReadMode.causal(context));

        assertThat(result.value()).isEmpty();
        assertThat(result.context()).isEqualTo(seen(3, 80));
        assertThat(second.modes()).singleElement().satisfies(mode -> {
            assertThat(CausalContext.of(mode.getCausal().getContext())).isEqualTo(seen(3, 70));
            assertThat(mode.getCausal().getMaxWaitMs())
                    .isBetween(1, (int) cluster.config().attemptTimeout().toMillis() / 2);
        });
    }

    @Test
    void existenceAndTimeToLiveAreReadAtReplicasToo() {
        assertThat(client.exists(KEY, ReadMode.eventual())).isEqualTo(new ReadResult<>(false, seen(3, 80)));
        assertThat(client.timeToLive(KEY, ReadMode.eventual()))
                .isEqualTo(new ReadResult<>(Optional.empty(), seen(3, 80)));
        assertThat(leader.calls()).isZero();
    }

    @Test
    void theLeaderIsAskedWhenAllOthersRefuse() {
        second.refuse(ErrorCode.ERROR_CODE_BEHIND_CONTEXT);
        third.refuse(ErrorCode.ERROR_CODE_COPY_FENCED);

        assertThat(client.get(KEY, ReadMode.causal(seen(3, 90))).context()).isEqualTo(seen(3, 90));

        assertThat(second.calls()).isEqualTo(1);
        assertThat(third.calls()).isEqualTo(1);
        assertThat(leader.calls()).isEqualTo(1);
    }

    @Test
    void aReplicaThatIsBehindIsAskedLast() throws Exception {
        setInSync(FakeCluster.NODE);
        leader.refuse(ErrorCode.ERROR_CODE_BUSY);
        second.refuse(ErrorCode.ERROR_CODE_BEHIND_CONTEXT);

        assertThat(client.get(KEY, ReadMode.eventual()).context()).isEqualTo(seen(3, 80));

        assertThat(leader.calls()).isEqualTo(1);
        assertThat(third.calls()).isEqualTo(1);
    }

    @Test
    void whenAllAreBehindTheyAreAskedAgainUntilTheTimeIsUp() {
        ErrorCode[] many = Stream.generate(() -> ErrorCode.ERROR_CODE_BEHIND_CONTEXT)
                .limit(1000)
                .toArray(ErrorCode[]::new);
        Stream.of(leader, second, third).forEach(node -> node.refuse(many));

        try (CaskadeClient hasty = CaskadeClient.create(cluster.config().withTimeout(Duration.ofSeconds(2)))) {
            assertThatThrownBy(() -> hasty.get(KEY, ReadMode.causal(seen(3, 99))))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.ERROR_CODE_BEHIND_CONTEXT));
        }
        assertThat(Math.min(leader.calls(), Math.min(second.calls(), third.calls())))
                .isGreaterThan(1);
    }

    @Test
    void aLostContextIsRefusedAtOnce() throws Exception {
        setInSync(FakeCluster.NODE, SECOND);
        second.refuse(ErrorCode.ERROR_CODE_CONTEXT_LOST);

        assertThatThrownBy(() -> client.get(KEY, ReadMode.causal(seen(2, 99))))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.ERROR_CODE_CONTEXT_LOST));
        assertThat(leader.calls()).isZero();
    }

    @Test
    void aReplicaThatCannotBeReachedIsPassedOver() throws Exception {
        cluster.remove("/nodes/" + SECOND);
        cluster.register(THIRD, "start", FreePorts.next());

        assertThat(client.get(KEY, ReadMode.eventual()).context()).isEqualTo(seen(3, 90));
    }

    @Test
    void aReplicaThatKeepsSilentTakesNoMoreThanItsShareOfTheTime() {
        second.setSilent(true);
        third.setSilent(true);

        try (CaskadeClient hasty = CaskadeClient.create(cluster.config().withTimeout(Duration.ofSeconds(3)))) {
            assertThat(hasty.get(KEY, ReadMode.eventual()).context()).isEqualTo(seen(3, 90));
        }
        assertThat(second.calls() + third.calls()).isEqualTo(2);
    }

    @Test
    void aReadNeedsNoLeader() throws Exception {
        cluster.write(
                "/partitions/" + PARTITION, state(SECOND, THIRD).clearLeader().build());

        assertThat(client.get(KEY, ReadMode.eventual()).context()).isEqualTo(seen(3, 80));
    }

    @Test
    void aSessionReadsWhatItHasWrittenAndNeverFallsBehindWhatItHasRead() throws Exception {
        setInSync(FakeCluster.NODE, SECOND);
        CausalSession session = new CausalSession();
        CaskadeClient view = client.inSession(session);

        assertThat(view.put(KEY, VALUE).context()).isEqualTo(seen(3, 91));
        assertThat(session.context()).isEqualTo(seen(3, 91));
        second.apply(4, 95);
        assertThat(view.get(KEY)).isEmpty();
        assertThat(view.exists(KEY)).isFalse();

        assertThat(second.modes())
                .extracting(mode -> CausalContext.of(mode.getCausal().getContext()))
                .containsExactly(seen(3, 91), seen(4, 95));
        assertThat(leader.calls()).isEqualTo(1);
    }

    @Test
    void aSessionCoversEveryKindOfAnswerAndWhatItIsTold() {
        CausalSession session = new CausalSession(context(0, 1, 1));
        CaskadeClient view = client.inSession(session);

        CausalContext sum = view.increment(KEY, 1).context();
        assertThat(session.context()).isEqualTo(context(0, 1, 1).merge(sum));
        leader.apply(3, 200);
        assertThat(view.get(KEY, ReadMode.linearizable()).value()).isPresent();
        assertThat(session.context()).isEqualTo(context(0, 1, 1).merge(seen(3, 200)));
        assertThat(view.compareAndSet(KEY, Expectation.absent(), VALUE).context())
                .isEqualTo(seen(3, 200));
        session.merge(context(0, 2, 1));
        session.merge(seen(3, 100));
        assertThat(session.context()).isEqualTo(context(0, 2, 1).merge(seen(3, 200)));
    }

    @Test
    void withoutASessionReadsAreLinearizable() {
        assertThat(client.get(KEY)).isEmpty();

        assertThat(leader.modes()).containsExactly(io.caskade.api.v1.ReadMode.getDefaultInstance());
    }
}
