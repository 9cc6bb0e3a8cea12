package io.caskade.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caskade.api.MessageLimits;
import io.caskade.api.v1.Entry;
import io.caskade.api.v1.ErrorCode;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import io.caskade.testing.FreePorts;
import io.caskade.testing.TcpProxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FailureTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final byte[] ONE = "1".getBytes(UTF_8);
    private static final byte[] TWO = "2".getBytes(UTF_8);
    private static final Duration SHORT = Duration.ofMillis(600);

    private FakeCluster cluster;
    private FakeNode node;
    private TcpProxy proxy;
    private CaskadeClient client;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(1);
        node = cluster.node();
        proxy = new TcpProxy(new HostPort("127.0.0.1", node.port()));
        cluster.register(
                FakeCluster.NODE, FakeCluster.INCARNATION, proxy.address().port());
        client = CaskadeClient.create(cluster.config());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        cluster.close();
    }

    /// Already connected to ZooKeeper: on a cold JVM connecting alone may take longer than the time-out.
    private CaskadeClient impatient() {
        client.close();
        client = CaskadeClient.create(cluster.config().withTimeout(SHORT));
        await().until(this::hasFoundZooKeeper);
        return client;
    }

    private boolean hasFoundZooKeeper() {
        try {
            return !client.cluster().nodes().isEmpty();
        } catch (UnreachableException e) {
            return String.valueOf(e.getMessage()).contains("zookeeper.root");
        }
    }

    /// An attempt may take longer here than all attempts together.
    @Test
    @Timeout(30)
    void anAdministratorsCallEndsWithinTheTimeOfARequest() throws Exception {
        client.close();
        ClientConfig config = cluster.config();
        client = CaskadeClient.create(
                new ClientConfig(config.zookeeper(), config.connectTimeout(), SHORT, Duration.ofMinutes(5)));
        await().until(this::hasFoundZooKeeper);

        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            cluster.register(FakeCluster.NODE, FakeCluster.INCARNATION, silent.getLocalPort());

            assertThatThrownBy(() -> client.moveLeader(0, FakeCluster.NODE))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessage("no node has answered within 600ms");
        }
    }

    @Test
    void aWriteThatWasRefusedIsRetried() {
        node.refuse(
                ErrorCode.ERROR_CODE_NOT_LEADER,
                ErrorCode.ERROR_CODE_NOT_SERVING,
                ErrorCode.ERROR_CODE_NOT_ENOUGH_REPLICAS,
                ErrorCode.ERROR_CODE_BUSY);

        assertThat(client.put(KEY, ONE).applied()).isTrue();
        assertThat(node.calls()).isEqualTo(5);
    }

    @Test
    void aPersistentRefusalIsReportedByNameAtTheTimeout() {
        refuseAll(ErrorCode.ERROR_CODE_NOT_ENOUGH_REPLICAS);

        assertThatPutIsRefused(impatient(), "NOT_ENOUGH_REPLICAS");
    }

    @Test
    void aWriteIsNotTriedAgainWithTooLittleTimeForAnAnswer() {
        refuseAll(ErrorCode.ERROR_CODE_NOT_LEADER);
        node.delayRefusals(SHORT.dividedBy(4));

        assertThatPutIsRefused(impatient(), "NOT_LEADER");
    }

    /// Where the machine pauses during the last attempt, that attempt's outcome is unknown, and rightly so.
    private static void assertThatPutIsRefused(CaskadeClient client, String code) {
        await().untilAsserted(() -> assertThatThrownBy(() -> client.put(KEY, ONE))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.codeName()).isEqualTo(code))
                .hasMessageContaining("attempts"));
    }

    @Test
    void aRequestThatNoNodeReadsIsRefusedBeforeItIsSent() {
        byte[] value = new byte[MessageLimits.MAX_REQUEST_BYTES];

        assertThatThrownBy(() -> client.put(KEY, value))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.ERROR_CODE_INVALID_ARGUMENT))
                .hasMessageContaining("was not sent: a node reads at most " + MessageLimits.MAX_REQUEST_BYTES);
        assertThat(node.calls()).isZero();
        assertThat(client.put(KEY, ONE).applied()).isTrue();
    }

    @Test
    void aFullDiskIsReportedAtOnce() {
        node.refuse(ErrorCode.ERROR_CODE_DISK_FULL);

        assertThatThrownBy(() -> client.put(KEY, ONE)).isInstanceOf(RefusedException.class);
        assertThat(node.calls()).isEqualTo(1);
    }

    @Test
    void aCallFollowsTheLeaderToAnotherNode() throws Exception {
        client.put(KEY, ONE);
        try (FakeNode second = new FakeNode(1)) {
            cluster.register("node-2", "second-start", second.port());
            cluster.lead("node-2", "second-start", 2);
            refuseAll(ErrorCode.ERROR_CODE_NOT_LEADER);

            client.put(KEY, TWO);

            assertThat(second.record("key"))
                    .map(Entry::getValue)
                    .hasValueSatisfying(
                            value -> assertThat(value.toStringUtf8()).isEqualTo("2"));
        }
    }

    @Test
    void aWriteWhoseConnectionBreaksIsReportedAsOutcomeUnknown() {
        node.afterApplying(proxy::cut);

        assertThatThrownBy(() -> client.put(KEY, ONE))
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("unknown");
        assertThat(node.calls()).isEqualTo(1);
    }

    @Test
    void aReadWhoseConnectionBreaksIsRetried() {
        client.put(KEY, ONE);
        breakConnectionOnce();

        assertThat(client.get(KEY)).isPresent();
    }

    @Test
    void aWriteWhoseConnectionBreaksIsRetriedIfTheCallerChoseSo() {
        breakConnectionOnce();

        assertThat(client.retryingUnknownOutcomes().increment(KEY, 1).value()).isEqualTo(2);
    }

    @Test
    void aBatchWhoseConnectionBreaksIsNeverRetried() {
        node.afterApplying(proxy::cut);
        WriteBatch batch = WriteBatch.builder()
                .check(KEY, Condition.version(1))
                .increment(KEY, 1)
                .build();

        assertThatThrownBy(() -> client.retryingUnknownOutcomes().write(batch))
                .isInstanceOf(OutcomeUnknownException.class);
        assertThat(node.calls()).isEqualTo(1);
    }

    @Test
    void aRetriedWriteWhoseVersionIsGoneDoesNotClaimThatNothingWasWritten() {
        long version = client.put(KEY, ONE).version();
        breakConnectionOnce();

        assertThatThrownBy(() -> client.put(KEY, TWO, PutOptions.DEFAULT.onlyIf(Condition.version(version))))
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("earlier attempt");
        assertThat(client.get(KEY)).map(entry -> entry.value().utf8()).isPresent();
    }

    @Test
    void aWriteConditionalOnAVersionIsRetriedUntilItIsAnswered() {
        long version = client.put(KEY, ONE).version();
        node.refuse(ErrorCode.ERROR_CODE_OUTCOME_UNKNOWN);

        assertThat(client.put(KEY, TWO, PutOptions.DEFAULT.onlyIf(Condition.version(version)))
                        .applied())
                .isTrue();
    }

    @Test
    void aWriteThatIsNotAnsweredInTimeIsReportedAsOutcomeUnknown() {
        client = impatient();
        client.put(KEY, ONE);
        node.setSilent(true);

        assertThatThrownBy(() -> client.put(KEY, TWO))
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("did not answer in time");
    }

    @Test
    void aWriteThatWasNeverSentIsRetriedWhenTheLeaderIsReachable() throws Exception {
        cluster.register(FakeCluster.NODE, FakeCluster.INCARNATION, FreePorts.next());

        CompletableFuture<WriteResult> put = client.async().put(KEY, ONE);
        cluster.register(FakeCluster.NODE, FakeCluster.INCARNATION, node.port());

        assertThat(put.get().applied()).isTrue();
        assertThat(node.calls()).isEqualTo(1);
    }

    @Test
    void aLeaderThatRefusesConnectionsIsReportedAsUnreachable() throws Exception {
        int port = FreePorts.next();
        cluster.register(FakeCluster.NODE, FakeCluster.INCARNATION, port);

        assertThatThrownBy(() -> impatient().put(KEY, ONE))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("node-1 at 127.0.0.1:" + port)
                .hasMessageContaining("Connection refused");
    }

    @Test
    void anAttemptWithoutTimeDoesNotHideWhyTheOthersFailed() throws Exception {
        try (TcpProxy zookeeperProxy =
                new TcpProxy(new HostPort("127.0.0.1", cluster.zookeeper().getPort()))) {
            ClientConfig config = cluster.config()
                    .withZooKeeper(HostPorts.parse(zookeeperProxy.address().toString()));
            client.close();
            client = CaskadeClient.create(config.withTimeout(Duration.ofSeconds(2)));
            await().ignoreExceptions().until(() -> client.put(KEY, ONE).applied());
            zookeeperProxy.swallow();
            refuseAll(ErrorCode.ERROR_CODE_NOT_LEADER);

            assertThatThrownBy(() -> client.put(KEY, TWO))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("NOT_LEADER");
        }
    }

    @Test
    void aPartitionWithoutALeaderIsReportedAsUnreachable() throws Exception {
        cluster.clearLeaders(2);

        assertThatThrownBy(() -> impatient().get(KEY))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("partition 0 has no leader");
    }

    @Test
    void aCallWaitsForALeader() throws Exception {
        cluster.clearLeaders(2);

        CompletableFuture<?> get = client.async().get(KEY);
        cluster.lead(FakeCluster.NODE, FakeCluster.INCARNATION, 3);

        assertThat(get).succeedsWithin(Duration.ofSeconds(20));
    }

    @Test
    void aRestartedNodeIsNotTheLeader() throws Exception {
        cluster.register(FakeCluster.NODE, "second-start", node.port());

        assertThatThrownBy(() -> impatient().get(KEY))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("until it restarted");
        assertThat(node.calls()).isZero();
    }

    @Test
    void aMissingClusterIsReportedWithItsPath() throws Exception {
        cluster.remove("/cluster");

        assertThatThrownBy(() -> impatient().get(KEY))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("/caskade (zookeeper.root)");
        assertThatThrownBy(() -> client.cluster()).hasMessageContaining("/caskade (zookeeper.root)");
    }

    @Test
    void aMissingZooKeeperIsReportedWithItsSetting() throws Exception {
        ClientConfig config = cluster.config()
                .withZooKeeper(HostPorts.parse("127.0.0.1:" + FreePorts.next()))
                .withTimeout(SHORT);
        try (CaskadeClient lost = CaskadeClient.create(config)) {
            assertThatThrownBy(() -> lost.put(KEY, ONE))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageStartingWith("no ZooKeeper answers at 127.0.0.1:")
                    .hasMessageContaining("(zookeeper.connect)");
        }
    }

    @Test
    void partitionsAreServedWhileZooKeeperIsDown() throws Exception {
        client.put(KEY, ONE);
        cluster.zookeeper().stop();
        node.refuse(ErrorCode.ERROR_CODE_NOT_SERVING);

        assertThat(client.put(KEY, TWO).applied()).isTrue();
    }

    @Test
    void closingAClientFailsItsOperations() throws Exception {
        client.put(KEY, ONE);
        node.setSilent(true);
        CompletableFuture<WriteResult> put = client.async().put(KEY, ONE);
        await().until(() -> node.calls() == 2);

        client.close();

        assertThat(put)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(OutcomeUnknownException.class);
    }

    @Test
    void aWriteInterruptedWhileWaitingHasAnUnknownOutcome() {
        node.setSilent(true);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                client.put(KEY, ONE);
            } catch (CaskadeException e) {
                failure.complete(e);
            }
        });
        await().until(() -> node.calls() == 1);

        writer.interrupt();

        assertThat(failure).succeedsWithin(Duration.ofSeconds(20)).isInstanceOf(OutcomeUnknownException.class);
    }

    /// More calls than any of these tests makes.
    private void refuseAll(ErrorCode code) {
        for (int i = 0; i < 1000; i++) {
            node.refuse(code);
        }
    }

    /// Breaks the connection after the next call was applied, and no more.
    private void breakConnectionOnce() {
        node.afterApplying(() -> {
            node.afterApplying(() -> {});
            proxy.dropConnections();
        });
    }
}
