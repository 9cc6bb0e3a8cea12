package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.ControllerEpoch;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.RecordingCandidate;
import io.caskade.server.cluster.RecordingObserver;
import io.caskade.server.cluster.SessionState;
import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import io.caskade.testing.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What ZooKeeper in particular can do to a coordinator, beyond what the contract asks of any.
class ZooKeeperOutageTest {

    private static final NodeInfo NODE = new NodeInfo("node-1", "i1", "", null, null, null, null, "test");
    private static final PartitionState UNLED = PartitionState.withoutLeader(0, List.of("node-1"), 1);

    @TempDir
    private Path directory;

    private final List<CuratorCoordinator> coordinators = new ArrayList<>();
    private EmbeddedZooKeeper server;

    private static void rethrow(Error error) {
        throw error;
    }

    @BeforeEach
    void startServer() throws Exception {
        server = start(new HostPort("127.0.0.1", FreePorts.next()));
    }

    @AfterEach
    void close() throws Exception {
        coordinators.reversed().forEach(CuratorCoordinator::close);
        server.close();
    }

    @Test
    void everythingResumesAfterAZooKeeperOutageLongerThanASession() throws Exception {
        CuratorCoordinator coordinator = formed(Duration.ofSeconds(1));
        RecordingObserver observer = observe(coordinator);
        RecordingCandidate candidate = new RecordingCandidate();
        coordinator.joinControllerElection("node-1", candidate);
        ControllerEpoch before = candidate.awaitTerm();
        get(coordinator.write(before, List.of(new ControllerWrite.CreatePartition(UNLED))));
        get(coordinator.register(NODE));

        server.close();
        await().until(() -> observer.sessions().contains(SessionState.LOST));
        server = start(server.address());

        observer.awaitSession(SessionState.CONNECTED);
        assertThat(candidate.awaitTerm().value()).isGreaterThan(before.value());
        assertThat(get(coordinator.compareAndSet(0, led()))).isEqualTo(new CasResult.Won(1));
        try (RawClient raw = new RawClient(server.address())) {
            await().untilAsserted(() -> assertThat(raw.zooKeeper().getChildren("/caskade/nodes", false))
                    .containsExactly("node-1"));
        }
    }

    @Test
    void aRegistrationThatWasRemovedByHandComesBack() throws Exception {
        CuratorCoordinator coordinator = formed(Duration.ofSeconds(6));
        RecordingObserver observer = observe(coordinator);
        get(coordinator.register(NODE));
        observer.awaitImage(image -> image.node("node-1").isPresent());

        try (RawClient raw = new RawClient(server.address())) {
            raw.zooKeeper().delete("/caskade/nodes/node-1", -1);

            await().ignoreException(KeeperException.NoNodeException.class)
                    .untilAsserted(() -> assertThat(raw.zooKeeper().getData("/caskade/nodes/node-1", false, null))
                            .isNotEmpty());
        }
    }

    @Test
    void anUnreadableZnodeDoesNotHideTheOthers() throws Exception {
        CuratorCoordinator coordinator = formed(Duration.ofSeconds(6));
        RecordingObserver observer = observe(coordinator);
        try (RawClient raw = new RawClient(server.address())) {
            create(raw, "/caskade/partitions/0", "{");
            create(raw, "/caskade/partitions/1", "{\"id\": 2}");
            create(raw, "/caskade/partitions/x", "{}");
            create(raw, "/caskade/nodes/node-2", "{\"id\": \"node-2\", \"incarnation\": \"i\", \"fromTheFuture\": 1}");
            create(raw, "/caskade/nodes/node-3", "no registration");
        }

        observer.awaitImage(image -> image.node("node-2").isPresent());
        assertThat(observer.images().getLast().partitions()).isEmpty();
        assertThatThrownBy(() -> get(coordinator.read(0))).hasCauseInstanceOf(CoordinationException.class);
    }

    @Test
    void theClusterKeepsThePartitionsItWasFormedWith() throws Exception {
        CuratorCoordinator coordinator = formed(Duration.ofSeconds(6));

        BootstrapData counts = get(coordinator.bootstrap(bootstrapData("another", 7)));

        assertThat(counts).isEqualTo(bootstrapData("c", 4));
    }

    @Test
    void aServerThatDoesNotAnswerIsNamedWithItsSetting() throws Exception {
        server.close();

        assertThatThrownBy(() -> CuratorCoordinator.connect(
                        config(Duration.ofSeconds(6), Duration.ofMillis(300)),
                        directory.resolve("s"),
                        ZooKeeperOutageTest::rethrow))
                .isInstanceOf(CoordinationException.class)
                .hasMessage("zookeeper.connect " + server.address() + ": no server answered within 300 ms");

        server = start(server.address());
    }

    @Test
    void theSavedSessionIsReadableOnlyByItsOwner() throws Exception {
        observe(formed(Duration.ofSeconds(6))).awaitSession(SessionState.CONNECTED);

        assertThat(Files.getPosixFilePermissions(directory.resolve("session")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aDamagedOrExpiredSavedSessionDoesNotPreventStarting() throws Exception {
        for (String saved : List.of("", "nonsense", "00000000000000ff 00000000000000000000000000000000\n")) {
            Files.writeString(directory.resolve("session"), saved);

            RecordingObserver observer = observe(formed(Duration.ofSeconds(6)));

            observer.awaitSession(SessionState.CONNECTED);
        }
    }

    @Test
    void closingIsIdempotent() throws Exception {
        CuratorCoordinator coordinator = formed(Duration.ofSeconds(6));

        coordinator.close();
        coordinator.close();

        assertThatThrownBy(() -> get(coordinator.read(0))).hasCauseInstanceOf(CoordinationException.class);
        assertThat(get(coordinator.compareAndSet(0, UNLED))).isInstanceOf(CasResult.NotDone.class);
    }

    private CuratorCoordinator formed(Duration sessionTimeout) throws Exception {
        CuratorCoordinator coordinator = CuratorCoordinator.connect(
                config(sessionTimeout, Duration.ofSeconds(10)),
                directory.resolve("session"),
                ZooKeeperOutageTest::rethrow);
        coordinators.add(coordinator);
        get(coordinator.bootstrap(bootstrapData("c", 4)));
        return coordinator;
    }

    private ZooKeeperConfig config(Duration sessionTimeout, Duration connectionTimeout) {
        return new ZooKeeperConfig(
                HostPorts.of(server.address()),
                false,
                "/caskade",
                sessionTimeout,
                connectionTimeout,
                Optional.empty(),
                Optional.empty());
    }

    private EmbeddedZooKeeper start(HostPort address) throws Exception {
        return EmbeddedZooKeeper.start(address, directory.resolve("zookeeper"), reason -> {});
    }

    private static BootstrapData bootstrapData(String id, int partitions) {
        return new BootstrapData(
                new ClusterSettings(id, partitions), new ClusterSecret(new byte[ClusterSecret.SEED_BYTES]));
    }

    private static PartitionState led() {
        return UNLED.withLeadership(new NodeIncarnation("node-1", "i1"), 1, Set.of(new CopyId("node-1", "c1")));
    }

    private static RecordingObserver observe(CuratorCoordinator coordinator) {
        RecordingObserver observer = new RecordingObserver();
        coordinator.subscribe(observer);
        return observer;
    }

    private static void create(RawClient client, String path, String data) throws Exception {
        client.zooKeeper().create(path, data.getBytes(UTF_8), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
