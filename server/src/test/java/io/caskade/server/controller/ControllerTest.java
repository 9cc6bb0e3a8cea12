package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.RecordingCandidate;
import io.caskade.server.cluster.RecordingObserver;
import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.server.transport.LogLines;
import io.caskade.server.zookeeper.CuratorCoordinator;
import io.caskade.server.zookeeper.EmbeddedZooKeeper;
import io.caskade.server.zookeeper.RawClient;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The controller on a real ZooKeeper.
class ControllerTest {

    // More than go into one transaction.
    private static final int PARTITIONS = 300;
    private static final String EPOCH = "/caskade/controller-epoch";
    private static final Policy TWO_COPIES = new Policy(new ReplicationPolicy(2, 1), 0, true, 1, 0);

    @TempDir
    private Path directory;

    private final List<CuratorCoordinator> coordinators = new ArrayList<>();
    private EmbeddedZooKeeper server;

    private static void rethrow(Error error) {
        throw error;
    }

    @BeforeEach
    void startServer() throws Exception {
        server = EmbeddedZooKeeper.start(HostPort.parse("127.0.0.1:0"), directory.resolve("zookeeper"), reason -> {});
    }

    @AfterEach
    void close() throws Exception {
        coordinators.reversed().forEach(CuratorCoordinator::close);
        server.close();
    }

    @Test
    void theElectedControllerCreatesAllPartitionsOnceTheNodesAreRegistered() throws Exception {
        CuratorCoordinator first = node("node-1");
        new Controller(first, "node-1", TWO_COPIES, ControllerTest::millis).start();
        RecordingObserver observer = observe(first);
        observer.awaitImage(image -> Objects.equals(image.controller(), "node-1"));
        assertThat(observer.images()).allMatch(image -> image.partitions().isEmpty());

        CuratorCoordinator second = node("node-2");
        new Controller(second, "node-2", TWO_COPIES, ControllerTest::millis).start();

        assertFormed(observer.awaitImage(ControllerTest::isFormed));
        assertFormed(observe(second).awaitImage(ControllerTest::isFormed));
    }

    @Test
    void theNextControllerFinishesWhatAnotherBegan() throws Exception {
        CuratorCoordinator first = node("node-1");
        RecordingCandidate died = new RecordingCandidate();
        first.joinControllerElection("node-1", died);
        List<ControllerWrite> some = List.of(unled(7), unled(8), unled(299));
        assertThat(get(first.write(died.awaitTerm(), some))).isEqualTo(new ControllerWriteResult.Done());

        CuratorCoordinator second = node("node-2");
        CuratorCoordinator third = node("node-3");
        new Controller(second, "node-2", TWO_COPIES, ControllerTest::millis).start();
        new Controller(third, "node-3", TWO_COPIES, ControllerTest::millis).start();
        first.close();

        ClusterImage formed = observe(third).awaitImage(ControllerTest::isFormed);
        assertThat(formed.partition(7).orElseThrow().value().replicas()).containsExactly("node-1", "node-2");
        assertThat(formed.partition(7).orElseThrow().version()).isZero();
    }

    @Test
    void aControllerWithAStaleEpochWritesOnlyInANewOne() throws Exception {
        CuratorCoordinator first = node("node-1");
        new Controller(first, "node-1", TWO_COPIES, ControllerTest::millis).start();
        RecordingObserver observer = observe(first);
        observer.awaitImage(image -> Objects.equals(image.controller(), "node-1"));

        try (RawClient anotherController = new RawClient(server.address())) {
            await().until(() -> epoch(anotherController) == 1);
            anotherController.zooKeeper().setData(EPOCH, new byte[] {'2'}, 1);
            node("node-2");

            assertFormed(observer.awaitImage(ControllerTest::isFormed));
            assertThat(epoch(anotherController)).isEqualTo(3);
        }
    }

    @Test
    void whatZooKeeperDoesNotPermitIsSaidOnceAndTriedUntilItIsPermitted() throws Exception {
        AtomicInteger plans = new AtomicInteger();
        CuratorCoordinator first = node("node-1");
        new Controller(first, "node-1", TWO_COPIES, () -> {
                    plans.incrementAndGet();
                    return millis();
                })
                .start();
        RecordingObserver observer = observe(first);
        observer.awaitImage(image -> Objects.equals(image.controller(), "node-1"));

        try (RawClient operator = new RawClient(server.address());
                LogLines log = LogLines.ofPackage(Controller.class.getPackageName())) {
            ACL readOnly = new ACL(ZooDefs.Perms.READ | ZooDefs.Perms.ADMIN, ZooDefs.Ids.ANYONE_ID_UNSAFE);
            operator.zooKeeper().setACL("/caskade/partitions", Arrays.asList(readOnly), -1);
            node("node-2");
            await().until(() -> refusals(log) > 0);
            int before = plans.get();
            await().until(() -> plans.get() > before + 3);
            operator.zooKeeper().setACL("/caskade/partitions", ZooDefs.Ids.OPEN_ACL_UNSAFE, -1);

            assertFormed(observer.awaitImage(ControllerTest::isFormed));
            assertThat(refusals(log)).isOne();
        }
    }

    private static long refusals(LogLines log) {
        return log.lines().stream()
                .filter(line -> line.contains("check zookeeper.user"))
                .count();
    }

    @Test
    void aLostNodeIsReplacedWithoutAnotherEvent() throws Exception {
        CuratorCoordinator first = node("node-1");
        CuratorCoordinator second = node("node-2");
        Policy patient = new Policy(new ReplicationPolicy(2, 1), 1000, true, 1, 0);
        new Controller(first, "node-1", patient, ControllerTest::millis).start();
        RecordingObserver observer = observe(first);
        observer.awaitImage(ControllerTest::isFormed);
        node("node-3");

        get(second.unregister());

        ClusterImage moved = observer.awaitImage(image -> image.partitions().values().stream()
                .noneMatch(partition -> partition.value().isReplica("node-2")));
        assertThat(moved.partitions().values())
                .allMatch(partition -> partition.value().isReplica("node-3"));
    }

    private static long millis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private static int epoch(RawClient client) throws Exception {
        return Objects.requireNonNull(client.zooKeeper().exists(EPOCH, false)).getVersion();
    }

    private CuratorCoordinator node(String id) throws Exception {
        ZooKeeperConfig config = new ZooKeeperConfig(
                HostPorts.of(server.address()),
                false,
                "/caskade",
                Duration.ofSeconds(6),
                Duration.ofSeconds(10),
                Optional.empty(),
                Optional.empty());
        CuratorCoordinator coordinator =
                CuratorCoordinator.connect(config, directory.resolve(id), ControllerTest::rethrow);
        coordinators.add(coordinator);
        get(coordinator.bootstrap(new BootstrapData(
                new ClusterSettings("c", PARTITIONS), new ClusterSecret(new byte[ClusterSecret.SEED_BYTES]))));
        get(coordinator.register(new NodeInfo(id, "i", "", null, null, null, null, "test")));
        return coordinator;
    }

    private static RecordingObserver observe(CuratorCoordinator coordinator) {
        RecordingObserver observer = new RecordingObserver();
        coordinator.subscribe(observer);
        return observer;
    }

    private static boolean isFormed(ClusterImage image) {
        return image.partitions().size() == PARTITIONS;
    }

    private static void assertFormed(ClusterImage image) {
        assertThat(image.partitions().values()).allSatisfy(partition -> {
            assertThat(partition.version()).isZero();
            assertThat(partition.value().replicas()).containsExactlyInAnyOrder("node-1", "node-2");
            assertThat(partition.value().epoch()).isZero();
        });
    }

    private static ControllerWrite unled(int id) {
        return new ControllerWrite.CreatePartition(PartitionState.withoutLeader(id, List.of("node-1", "node-2"), 1));
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
