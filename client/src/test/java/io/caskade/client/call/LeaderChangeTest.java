package io.caskade.client.call;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caskade.api.v1.ErrorCode;
import io.caskade.client.CaskadeClient;
import io.caskade.client.ClientConfig;
import io.caskade.client.Entry;
import io.caskade.client.FakeCluster;
import io.caskade.client.FakeNode;
import io.caskade.client.OutcomeUnknownException;
import io.caskade.client.WriteResult;
import io.caskade.client.routing.ClusterMetadataCache;
import io.caskade.client.routing.NoRouteException;
import io.caskade.client.routing.Route;
import io.caskade.client.routing.ZooKeeperTarget;
import io.caskade.testing.FreePorts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaderChangeTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private FakeCluster cluster;
    private FakeNode other;
    private ClusterMetadataCache directory;
    private CaskadeClient client;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(1);
        other = new FakeNode(1);
        cluster.register("node-2", "other-start", other.port());
        directory = new ClusterMetadataCache(new ZooKeeperTarget(
                cluster.config().zookeeper().connect(), "/caskade", Duration.ofSeconds(6), TIMEOUT));
        client = CaskadeClient.create(cluster.config());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        directory.close();
        other.close();
        cluster.close();
    }

    private void makeOtherLead(int epoch) throws Exception {
        cluster.lead("node-2", "other-start", epoch);
    }

    @Test
    void aRouteReportsAChangeOfThePartition() throws Exception {
        Route route = directory.routeForPartition(0).get();
        assertThat(route.partitionChanged()).isNotDone();

        makeOtherLead(2);

        assertThat(route.partitionChanged()).succeedsWithin(TIMEOUT);
    }

    private NoRouteException missingRoute() {
        try {
            throw new AssertionError(directory.routeForPartition(0).join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof NoRouteException none) {
                return none;
            }
            throw e;
        }
    }

    @Test
    void aMissingRouteReportsWhenThereMayBeALeader() throws Exception {
        cluster.clearLeaders(2);
        CompletableFuture<Void> changed = missingRoute().changed();
        assertThat(changed).isNotDone();

        makeOtherLead(3);

        assertThat(changed).succeedsWithin(TIMEOUT);
    }

    @Test
    void aWriteToADeadLeaderGoesToTheNextOne() throws Exception {
        cluster.register(FakeCluster.NODE, FakeCluster.INCARNATION, FreePorts.next());
        CompletableFuture<WriteResult> put = client.async().put(KEY, VALUE);
        assertThat(put).isNotDone();

        makeOtherLead(2);

        assertThat(put).succeedsWithin(TIMEOUT);
        assertThat(other.record("key")).isPresent();
    }

    @Test
    void aWriteWaitsForANewLeaderToServe() throws Exception {
        client.put(KEY, VALUE);
        for (int i = 0; i < 20; i++) {
            other.refuse(ErrorCode.ERROR_CODE_NOT_SERVING);
        }
        cluster.node().refuse(ErrorCode.ERROR_CODE_NOT_LEADER);

        makeOtherLead(2);
        client.put(KEY, VALUE);

        assertThat(other.record("key")).isPresent();
    }

    /// The leader may be paused: its connections stay open.
    @Test
    void aWriteToASilentLeaderHasAnUnknownOutcomeOnceAnotherNodeLeads() throws Exception {
        FakeNode node = cluster.node();
        client.put(KEY, VALUE);
        node.setSilent(true);
        CompletableFuture<WriteResult> small = client.async().put(KEY, VALUE);
        CompletableFuture<WriteResult> large = client.async().put(KEY, new byte[100_000]);
        await().until(() -> node.calls() == 3);

        makeOtherLead(2);

        for (CompletableFuture<WriteResult> put : List.of(small, large)) {
            assertThat(put)
                    .failsWithin(TIMEOUT)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(OutcomeUnknownException.class)
                    .withMessageContaining("another node leads");
        }
    }

    @Test
    void aReadFromASilentLeaderGoesToTheNextOne() throws Exception {
        ClientConfig config = cluster.config();
        try (CaskadeClient patient =
                CaskadeClient.create(new ClientConfig(config.zookeeper(), config.connectTimeout(), TIMEOUT, TIMEOUT))) {
            cluster.node().setSilent(true);
            CompletableFuture<Optional<Entry>> read = patient.async().get(KEY);
            await().until(() -> cluster.node().calls() == 1);

            makeOtherLead(2);

            assertThat(read).succeedsWithin(TIMEOUT);
        }
    }

    @Test
    void aPartitionChangeThatKeepsTheLeaderIsNoLeaderChange() throws Exception {
        Route route = directory.routeForPartition(0).get();
        LeaderChangeWatch watch = new LeaderChangeWatch(directory, route);

        cluster.lead(FakeCluster.NODE, FakeCluster.INCARNATION, 1);
        assertThat(route.partitionChanged()).succeedsWithin(TIMEOUT);
        directory.routeForPartition(0).get();
        assertThat(directory.hasNewLeader(route)).isFalse();

        makeOtherLead(2);
        await().until(() -> directory.hasNewLeader(route));
        long now = System.nanoTime();
        assertThat(watch.poll(now)).isFalse();
        assertThat(watch.poll(now + TIMEOUT.toNanos())).isTrue();
    }
}
