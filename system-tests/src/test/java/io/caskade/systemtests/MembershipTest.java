package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClusterSetting;
import io.caskade.client.ClusterView.Partition;
import io.caskade.client.MoveGoal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A cluster of processes that grows by a node and shrinks again while clients read and write: they notice
/// nothing, and what the removed node kept is gone from its disk.
class MembershipTest {

    private static final int WRITES_BETWEEN_STEPS = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /// On a busy machine, where processes start, an answer may take seconds.
    private static final Duration PATIENT = Duration.ofSeconds(30);

    private static final long SEED = 7;
    private static final String ADDED = "node-4";

    @TempDir
    private Path directory = Path.of("");

    private LocalCluster cluster;
    private CaskadeClient client;
    private RecordingClients clients;

    @BeforeEach
    void start() throws Exception {
        cluster = LocalCluster.startPatient(directory);
        client = cluster.client(Duration.ofSeconds(30));
        cluster.awaitAllInSync(client);
        clients = RecordingClients.started(cluster, SEED, PATIENT);
        clients.awaitWrites(WRITES_BETWEEN_STEPS);
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void aFourthNodeIsAddedAndRemovedAgainUnderLoad() throws Exception {
        cluster.join(ADDED);
        assertThat(keptBy(ADDED)).as("a node that joins keeps nothing yet").isEmpty();

        assertThat(client.planMoves(new MoveGoal.AddNode(ADDED)).moves()).hasSize(1);
        assertThat(client.changeSetting("cluster.move-rate", "16MiB"))
                .contains(new ClusterSetting("cluster.move-rate", "16MiB", ""));
        client.moveReplicas(new MoveGoal.AddNode(ADDED));
        awaitSettled(
                all -> all.stream().anyMatch(partition -> partition.replicas().contains(ADDED)));
        assertThat(copiesOnDisk(ADDED)).hasSize(1);
        assertThat(client.planMoves(new MoveGoal.Rebalance()).moves())
                .as("it is balanced")
                .isEmpty();
        clients.awaitWrites(WRITES_BETWEEN_STEPS);

        changeView(List.of("node-1", "node-2", ADDED), 2);
        awaitSettled(all -> all.stream()
                .allMatch(partition -> partition.replicas().size() == 2
                        && !partition.replicas().contains("node-3")));
        changeView(List.of("node-1", "node-2", "node-3", ADDED), 3);
        awaitSettled(
                all -> all.stream().allMatch(partition -> partition.replicas().size() == 3));
        clients.awaitWrites(WRITES_BETWEEN_STEPS);
        assertThat(clients.errors()).as("nothing was refused or failed").isEmpty();

        String controller = controller();
        client.moveReplicas(new MoveGoal.RemoveNode(ADDED));
        cluster.kill(controller);
        clients.awaitWrites(WRITES_BETWEEN_STEPS);
        cluster.startAgain(controller);
        awaitSettled(
                all -> all.stream().noneMatch(partition -> partition.replicas().contains(ADDED)));
        awaitNoCopies(ADDED);

        assertThat(cluster.node(ADDED).terminate()).isZero();
        clients.awaitWrites(WRITES_BETWEEN_STEPS);
        System.out.println(clients.endLinearizable());
    }

    /// Sends the request again until all copies are moved, as its answer says.
    private void changeView(List<String> nodes, int copies) {
        String view = nodes.stream()
                .map(node -> "\"127.0.0.1:" + cluster.httpPort(node) + '"')
                .collect(Collectors.joining(","));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + cluster.httpPort("node-2") + "/kv-store/view-change"))
                .PUT(HttpRequest.BodyPublishers.ofString("{\"view\":[" + view + "],\"repl-factor\":" + copies + "}"))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> last = Awaitility.await("the view is changed")
                    .atMost(TIMEOUT)
                    .until(
                            () -> http.send(request, HttpResponse.BodyHandlers.ofString()),
                            answer -> answer.statusCode() != 202);
            assertThat(last.statusCode()).as(last.body()).isEqualTo(200);
            assertThat(last.body()).startsWith("{\"message\":\"View change successful\",\"shards\":[");
        }
    }

    private List<Integer> keptBy(String node) {
        return client.cluster().partitions().stream()
                .filter(partition -> partition.replicas().contains(node))
                .map(Partition::id)
                .toList();
    }

    private String controller() {
        return Awaitility.await("a controller")
                .atMost(TIMEOUT)
                .until(() -> client.cluster().controller().orElse(""), node -> !node.isEmpty());
    }

    /// Waits until nothing moves any more, all copies are in sync, and the partitions are as they should be.
    private void awaitSettled(Predicate<List<Partition>> wanted) {
        Awaitility.await("nothing moves")
                .atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(CaskadeException.class)
                .until(
                        () -> client.cluster().partitions(),
                        all -> wanted.test(all)
                                && all.stream()
                                        .allMatch(partition -> partition
                                                        .target()
                                                        .isEmpty()
                                                && partition.leader().isPresent()
                                                && partition.inSync().size()
                                                        == partition.replicas().size()));
    }

    private void awaitNoCopies(String node) {
        Awaitility.await("its copies are deleted")
                .atMost(TIMEOUT)
                .until(() -> copiesOnDisk(node).isEmpty());
    }

    private List<Path> copiesOnDisk(String node) throws IOException {
        try (Stream<Path> all = Files.list(cluster.data(node).resolve("partitions"))) {
            return all.toList();
        }
    }
}
