package io.caskade.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.v1.ErrorCode;
import java.time.Duration;
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
}
