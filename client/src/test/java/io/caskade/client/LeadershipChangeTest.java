package io.caskade.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caskade.api.v1.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeadershipChangeTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private FakeCluster cluster;
    private FakeNode other;
    private Connections connections;
    private CaskadeClient client;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(1);
        other = new FakeNode(1);
        cluster.register("node-2", "other-start", other.port());
        connections = new Connections(cluster.config());
        client = CaskadeClient.create(cluster.config());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        connections.close();
        other.close();
        cluster.close();
    }

    private void otherLeads(int epoch) throws Exception {
        cluster.lead("node-2", "other-start", epoch);
    }

    @Test
    void aRouteTellsWhenThePartitionHasChanged() throws Exception {
        Route route = connections.directory().routeTo(0).get();
        assertThat(route.partition().changed()).isNotDone();

        otherLeads(2);

        assertThat(route.partition().changed()).succeedsWithin(PATIENCE);
    }

    private NoRouteException withoutRoute() {
        try {
            throw new AssertionError(connections.directory().routeTo(0).join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof NoRouteException none) {
                return none;
            }
            throw e;
        }
    }

    @Test
    void aMissingLeaderTellsWhenThereMayBeOne() throws Exception {
        cluster.leadNobody(2);
        CompletableFuture<Void> changed = withoutRoute().changed();
        assertThat(changed).isNotDone();

        otherLeads(3);

        assertThat(changed).succeedsWithin(PATIENCE);
    }

    @Test
    void aWriteToALeaderThatIsGoneIsTakenByTheNextOne() throws Exception {
        cluster.register(FakeCluster.NODE, FakeCluster.INCARNATION, FailureTest.deadPort());
        CompletableFuture<WriteResult> put = client.async().put(KEY, VALUE);
        assertThat(put).isNotDone();

        otherLeads(2);

        assertThat(put).succeedsWithin(PATIENCE);
        assertThat(other.record("key")).isPresent();
    }

    @Test
    void aNewLeaderThatDoesNotServeYetIsWaitedFor() throws Exception {
        client.put(KEY, VALUE);
        for (int i = 0; i < 20; i++) {
            other.refuse(ErrorCode.ERROR_CODE_NOT_SERVING);
        }
        cluster.node().refuse(ErrorCode.ERROR_CODE_NOT_LEADER);

        otherLeads(2);
        client.put(KEY, VALUE);

        assertThat(other.record("key")).isPresent();
    }

    /// It may be paused: its connections stand.
    @Test
    void aWriteToALeaderThatDoesNotAnswerIsOfUnknownOutcomeOnceAnotherLeads() throws Exception {
        FakeNode node = cluster.node();
        client.put(KEY, VALUE);
        node.keepSilent(true);
        CompletableFuture<WriteResult> small = client.async().put(KEY, VALUE);
        CompletableFuture<WriteResult> large = client.async().put(KEY, new byte[100_000]);
        await().until(() -> node.calls() == 3);

        otherLeads(2);

        for (CompletableFuture<WriteResult> put : List.of(small, large)) {
            assertThat(put)
                    .failsWithin(PATIENCE)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(OutcomeUnknownException.class)
                    .withMessageContaining("another node leads");
        }
    }

    @Test
    void aReadThatALeaderDoesNotAnswerGoesToTheNextOne() throws Exception {
        ClientConfig config = cluster.config();
        try (CaskadeClient patient = CaskadeClient.create(
                new ClientConfig(config.zookeeper(), config.connectTimeout(), PATIENCE, PATIENCE))) {
            cluster.node().keepSilent(true);
            CompletableFuture<Optional<Entry>> read = patient.async().get(KEY);
            await().until(() -> cluster.node().calls() == 1);

            otherLeads(2);

            assertThat(read).succeedsWithin(PATIENCE);
        }
    }

    @Test
    void aLeaderThatIsTheSameAfterAChangeIsNotSuperseded() throws Exception {
        ClusterDirectory directory = connections.directory();
        Route route = directory.routeTo(0).get();
        Supersession other = new Supersession(directory, route);

        cluster.lead(FakeCluster.NODE, FakeCluster.INCARNATION, 1);
        assertThat(route.partition().changed()).succeedsWithin(PATIENCE);
        directory.routeTo(0).get();
        assertThat(directory.isLedElsewhere(route)).isFalse();

        otherLeads(2);
        await().until(() -> directory.isLedElsewhere(route));
        long now = System.nanoTime();
        assertThat(other.isOver(now)).isFalse();
        assertThat(other.isOver(now + PATIENCE.toNanos())).isTrue();
    }
}
