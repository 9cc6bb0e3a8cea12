package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.CaskadeClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A cluster of processes whose nodes cannot reach each other for a while, though clients and ZooKeeper reach
/// them all: nothing acknowledged is lost, every answer is linearizable, and service goes on.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterCutTest {

    private static final int WRITES_BETWEEN_FAULTS = 100;
    /// Of two nodes the one that comes first dials: all connections of the last pass through the proxy before
    /// it.
    private static final String LAST = "node-3";

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private LocalCluster cluster;
    private CaskadeClient client;
    private RecordingClients clients;
    private long seed;

    @BeforeAll
    void startCluster(@TempDir Path directory) throws Exception {
        cluster = LocalCluster.startBehindProxies(directory);
        client = cluster.client(Duration.ofSeconds(30));
    }

    @AfterAll
    void stopCluster() {
        client.close();
        cluster.close();
    }

    @BeforeEach
    void startClients() {
        cluster.awaitAllInSync(client);
        clients = RecordingClients.started(cluster, ++seed);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
    }

    @AfterEach
    void endClients(TestInfo test) throws Exception {
        cluster.ids().forEach(node -> cluster.proxy(node).heal());
        cluster.awaitAllInSync(client);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
        System.out.println(test.getTestMethod().orElseThrow().getName() + ": " + clients.endLinearizable());
    }

    @Test
    void theLeaderIsIsolated() throws Exception {
        letTheLastNodeLead();
        cluster.proxy(LAST).cut();
        awaitAnotherLeader();
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
    }

    @Test
    void theLeaderIsSilentWhileItsConnectionsStayOpen() throws Exception {
        letTheLastNodeLead();
        cluster.proxy(LAST).swallow();
        awaitAnotherLeader();
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
    }

    @Test
    void allNodesAreIsolated() throws Exception {
        cluster.ids().forEach(node -> cluster.proxy(node).cut());
        clients.awaitErrors(RecordingClients.CLIENTS);
        int acknowledged = clients.acknowledgedWrites();
        clients.awaitErrors(1);
        assertThat(clients.acknowledgedWrites()).isEqualTo(acknowledged);
    }

    private void letTheLastNodeLead() {
        client.moveLeader(0, LAST);
        await("the last node to lead", leads(LAST));
    }

    private void awaitAnotherLeader() {
        await("another leader", () -> !leads(LAST).call());
    }

    private Callable<Boolean> leads(String node) {
        return () -> LocalCluster.leaderOf(client, 0).equals(node);
    }

    private static void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what).atMost(TIMEOUT).until(condition);
    }
}
