package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caskade.client.CaskadeClient;
import io.caskade.client.ClusterView;
import io.caskade.client.RefusedException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// One cluster of processes to which one fault after the other happens while clients read and write: after
/// each, all that was acknowledged is there, every answer is linearizable, and service goes on.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterFaultTest {

    private static final int WRITES_BETWEEN_FAULTS = 100;
    private static final int LARGE_BYTES = 60 << 10;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofMillis(10);

    private LocalCluster cluster;
    private CaskadeClient client;
    private Optional<SmallDisk> disk = Optional.empty();
    private RecordingClients clients;
    private long seed;

    @BeforeAll
    void startCluster(@TempDir Path directory) throws Exception {
        disk = SmallDisk.mount(Files.createDirectory(directory.resolve("node-3")));
        cluster = LocalCluster.start(directory);
        client = cluster.client(Duration.ofSeconds(30));
    }

    @AfterAll
    void stopCluster() {
        client.close();
        cluster.close();
        disk.ifPresent(SmallDisk::close);
    }

    @BeforeEach
    void startClients() {
        cluster.awaitAllInSync(client);
        clients = RecordingClients.started(cluster, ++seed);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
    }

    @AfterEach
    void endClients(TestInfo test) throws Exception {
        cluster.mend();
        System.out.println(test.getTestMethod().orElseThrow().getName() + ": " + clients.endLinearizable());
    }

    @Test
    void theLeaderIsPausedForLongerThanLeaseAndGraceAndSession() throws Exception {
        String leader = LocalCluster.leaderOf(client, 0);
        cluster.node(leader).pause();
        await("its session to expire", () -> registered(leader).isEmpty());
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
        assertThat(LocalCluster.leaderOf(client, 0)).isNotEqualTo(leader);
        cluster.node(leader).resume();
        await("it to register again", () -> registered(leader).isPresent());
        assertServed();
    }

    @Test
    void theControllerIsKilled() throws Exception {
        String controller = controller();
        cluster.kill(controller);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
        await(
                "another controller",
                () -> !controller().isEmpty() && !controller().equals(controller));
        cluster.startAgain(controller);
        assertServed();
    }

    @Test
    void zooKeeperIsKilledAndComesBack() throws Exception {
        cluster.killZooKeeper();
        clients.awaitWrites(5 * WRITES_BETWEEN_FAULTS);
        cluster.startZooKeeper();
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
        assertServed();
        assertThat(clients.errors()).isEmpty();
    }

    @Test
    void twoNodesAreKilledAtOnce() throws Exception {
        List<String> killed = cluster.ids().subList(0, 2);
        for (String node : killed) {
            cluster.kill(node);
        }
        clients.awaitErrors(RecordingClients.CLIENTS);
        int acknowledged = clients.acknowledgedWrites();
        clients.awaitErrors(1);
        assertThat(clients.acknowledgedWrites()).isEqualTo(acknowledged);
        cluster.startAgain(killed);
        assertServed();
    }

    @Test
    void everythingIsKilledAtOnce() throws Exception {
        cluster.killZooKeeper();
        for (String node : cluster.ids()) {
            cluster.kill(node);
        }
        cluster.startZooKeeper();
        cluster.startAgain(cluster.ids());
        assertServed();
    }

    @Test
    void everyNodeIsRestartedInOrder() throws Exception {
        for (String node : cluster.ids()) {
            assertThat(cluster.node(node).terminate()).isZero();
            cluster.startAgain(node);
            assertServed();
        }
        assertThat(clients.errors()).isEmpty();
    }

    @Test
    void aNodeLosesAllItsData() throws Exception {
        String leader = LocalCluster.leaderOf(client, 0);
        cluster.kill(leader);
        clear(cluster.data(leader));
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
        cluster.startAgain(leader);
        assertServed();
        // What it copied is worth what it lost: it carries on with one of the others.
        String other = leader.equals("node-1") ? "node-2" : "node-1";
        cluster.kill(other);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
        cluster.startAgain(other);
        assertServed();
    }

    @Test
    void theDiskOfOneNodeIsFullForAWhile() throws Exception {
        assumeThat(disk).as("mounting a tmpfs, which only root may").isPresent();
        Path ballast = cluster.data("node-3").resolve("ballast");
        fill(ballast);
        try {
            byte[] large = new byte[LARGE_BYTES];
            await("the full disk to be noticed", () -> !isTaken(large) || isBehind("node-3"));
            clients.awaitWrites(2 * WRITES_BETWEEN_FAULTS);
        } finally {
            Files.delete(ballast);
        }
        assertServed();
    }

    /// Waits until all copies are in sync and more writes were acknowledged.
    private void assertServed() {
        cluster.awaitAllInSync(client);
        clients.awaitWrites(WRITES_BETWEEN_FAULTS);
    }

    private boolean isTaken(byte[] value) {
        try {
            client.put("large".getBytes(UTF_8), value);
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }

    private boolean isBehind(String node) {
        return client.cluster().partitions().stream()
                .anyMatch(partition -> !partition.inSync().contains(node));
    }

    private Optional<ClusterView.Node> registered(String node) {
        return client.cluster().node(node);
    }

    private String controller() {
        return client.cluster().controller().orElse("");
    }

    private static void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what).atMost(TIMEOUT).pollInterval(SOON).until(condition);
    }

    private static void fill(Path ballast) throws IOException {
        try (OutputStream out = Files.newOutputStream(ballast)) {
            byte[] chunk = new byte[4096];
            while (Files.getFileStore(ballast).getUsableSpace() > 0) {
                out.write(chunk);
            }
        } catch (IOException e) {
            // The node took the last of it in the meantime.
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static void clear(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> below = Files.walk(directory)) {
            below.filter(path -> !path.equals(directory))
                    .sorted(Comparator.reverseOrder())
                    .forEach(found::add);
        }
        for (Path path : found) {
            Files.delete(path);
        }
    }
}
