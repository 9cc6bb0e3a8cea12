package io.caskade.systemtests;

import io.caskade.client.CaskadeClient;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A cluster of processes whose nodes are killed while clients read and write: all that was acknowledged is
/// there, every answer is linearizable, and service goes on.
class ClusterKillTest {

    private static final int ROUNDS = 2;
    private static final int WRITES_BETWEEN_FAULTS = 100;
    private static final long SEED = 5;

    @TempDir
    private Path directory = Path.of("");

    private LocalCluster cluster;
    private CaskadeClient client;
    private RecordingClients clients;

    @BeforeEach
    void start() throws Exception {
        cluster = LocalCluster.start(directory);
        client = cluster.client(Duration.ofSeconds(30));
        cluster.awaitAllInSync(client);
        clients = RecordingClients.started(cluster, SEED);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void theLeaderIsKilledAgainAndAgain() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            killForAWhile(LocalCluster.leaderOf(client, 0));
        }
        assertWell();
    }

    @Test
    void aFollowerIsKilledAgainAndAgain() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String leader = LocalCluster.leaderOf(client, 0);
            killForAWhile(leader.equals("node-1") ? "node-2" : "node-1");
        }
        assertWell();
    }

    /// Kills a node, waits until writes go on without it, and lets it come back.
    private void killForAWhile(String node) throws Exception {
        cluster.kill(node);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
        cluster.startAgain(node);
        cluster.awaitAllInSync(client);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
    }

    private void assertWell() throws Exception {
        System.out.println(clients.endLinearizable());
    }
}
