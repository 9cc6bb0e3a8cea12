package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.Node;
import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.ControllerEpoch;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import io.caskade.settings.SettingsFile;
import io.caskade.testing.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a real ZooKeeper lets whom do with a cluster's znodes.
class ZnodeAclsTest {

    private static final List<String> READABLE = List.of(
            "/caskade",
            "/caskade/cluster",
            "/caskade/nodes",
            "/caskade/nodes/node-1",
            "/caskade/partitions",
            "/caskade/partitions/0",
            "/caskade/draining",
            "/caskade/draining/node-1",
            "/caskade/controller",
            "/caskade/controller-epoch");
    private static final String SECRET = "/caskade/secret";
    private static final int ANY_VERSION = -1;

    @TempDir
    private Path directory;

    private TestingServer server;
    private final List<CuratorCoordinator> coordinators = new ArrayList<>();

    private static void rethrow(Error error) {
        throw error;
    }

    @BeforeEach
    void startServer() throws Exception {
        server = new TestingServer(FreePorts.next());
    }

    @AfterEach
    void stop() throws Exception {
        coordinators.forEach(CuratorCoordinator::close);
        server.close();
    }

    @Test
    void withoutCredentialsOthersReadWhatClientsNeedAndNotTheSecret() throws Exception {
        fill(connect(as("caskade", "right")));
        try (RawClient other = new RawClient(address())) {
            for (String path : READABLE) {
                assertThat(other.zooKeeper().getData(path, false, null))
                        .as(path)
                        .isNotNull();
            }
            assertThatThrownBy(() -> other.zooKeeper().getData(SECRET, false, null))
                    .isInstanceOf(KeeperException.NoAuthException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "caskade:wrong", "other:right"})
    void onlyTheNodesMayWrite(String credentials) throws Exception {
        fill(connect(as("caskade", "right")));
        try (RawClient other = new RawClient(address())) {
            if (!credentials.isEmpty()) {
                other.zooKeeper().addAuthInfo("digest", credentials.getBytes(UTF_8));
            }
            List<String> all = new ArrayList<>(READABLE);
            all.add(SECRET);
            other.zooKeeper().getChildren("/caskade/controller", false).stream()
                    .map(candidate -> "/caskade/controller/" + candidate)
                    .forEach(all::add);
            for (String path : all) {
                assertRefused(path, () -> other.zooKeeper().setData(path, new byte[0], ANY_VERSION));
                assertRefused(
                        path,
                        () -> other.zooKeeper()
                                .create(
                                        path + "/new",
                                        new byte[0],
                                        ZooDefs.Ids.OPEN_ACL_UNSAFE,
                                        CreateMode.PERSISTENT));
                assertRefused(path, () -> other.zooKeeper().setACL(path, ZooDefs.Ids.OPEN_ACL_UNSAFE, ANY_VERSION));
            }
            assertRefused(SECRET, () -> other.zooKeeper().delete(SECRET, ANY_VERSION));
        }
    }

    @Test
    void nodesWithTheSameCredentialsFormOneCluster() throws Exception {
        CuratorCoordinator first = connect(as("caskade", "right"));
        BootstrapData formed = get(first.bootstrap(bootstrapData("c")));
        fill(first);
        CuratorCoordinator second = connect(as("caskade", "right"));
        assertThat(get(second.bootstrap(bootstrapData("d")))).isEqualTo(formed);
        get(second.register(new NodeInfo("node-2", "i", "", null, null, null, null, "test")));
        get(second.setDraining("node-1", false));
    }

    @Test
    void aClusterMayUseARootPreparedForIt() throws Exception {
        try (RawClient owner = new RawClient(address())) {
            owner.zooKeeper().addAuthInfo("digest", "caskade:right".getBytes(UTF_8));
            owner.zooKeeper().create("/caskade", new byte[0], ZooDefs.Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
            owner.zooKeeper().setACL("/", ZooDefs.Ids.READ_ACL_UNSAFE, ANY_VERSION);
        }
        assertThat(get(connect(as("caskade", "right")).bootstrap(bootstrapData("c")))
                        .settings()
                        .clusterId())
                .isEqualTo("c");
    }

    @Test
    void withoutAUserAnyClientMayDoEverything() throws Exception {
        fill(connect(asNobody()));
        try (RawClient other = new RawClient(address())) {
            for (String path : List.of("/caskade", SECRET, "/caskade/partitions/0", "/caskade/nodes/node-1")) {
                assertThat(other.zooKeeper().getACL(path, null)).as(path).isEqualTo(ZooDefs.Ids.OPEN_ACL_UNSAFE);
            }
        }
    }

    @Test
    void aWrongPasswordIsRefusedAndTheSettingsNamed() throws Exception {
        fill(connect(as("caskade", "right")));
        assertThatThrownBy(() -> get(connect(as("caskade", "wrong")).bootstrap(bootstrapData("c"))))
                .hasCauseInstanceOf(CoordinationException.class)
                .hasMessageContainingAll("zookeeper.user and zookeeper.password-file", "as \"caskade\"", "/caskade")
                .hasMessageNotContaining("wrong");
        assertThatThrownBy(() -> get(connect(asNobody()).bootstrap(bootstrapData("c"))))
                .hasCauseInstanceOf(CoordinationException.class)
                .hasMessageContainingAll("zookeeper.user", "without a user");
    }

    @Test
    void aNodeWithAWrongPasswordDoesNotStartAndOneWithTheRightOneDoes() throws Exception {
        Path password = password("right");
        try (Node node = Node.start(config("node-1", password))) {
            assertThat(node.addresses().zookeeper()).isEqualTo(address().toString());
            assertThatThrownBy(() -> Node.start(config("node-2", password("wrong"))))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("zookeeper.password-file")
                    .hasMessageNotContaining("wrong");
        }
    }

    @Test
    void aPasswordThatCannotBeReadIsAnErrorThatNamesTheSetting() throws Exception {
        assertThatThrownBy(() -> connect(as("caskade", "")))
                .isInstanceOf(CoordinationException.class)
                .hasMessageContaining("zookeeper.password-file: expected one line");
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> connect(config(Optional.of("caskade"), Optional.of(missing))))
                .isInstanceOf(CoordinationException.class)
                .hasMessageContainingAll("zookeeper.password-file: cannot read", missing.toString());
    }

    /// One znode of each kind.
    private void fill(CuratorCoordinator coordinator) throws Exception {
        get(coordinator.bootstrap(bootstrapData("c")));
        get(coordinator.register(new NodeInfo("node-1", "i", "", null, null, null, null, "test")));
        get(coordinator.setDraining("node-1", true));
        CompletableFuture<ControllerEpoch> elected = new CompletableFuture<>();
        coordinator.joinControllerElection("node-1", new Coordinator.ControllerCandidate() {
            @Override
            public void elected(ControllerEpoch epoch) {
                elected.complete(epoch);
            }

            @Override
            public void deposed(ControllerEpoch epoch) {}
        });
        ControllerWrite create =
                new ControllerWrite.CreatePartition(PartitionState.withoutLeader(0, List.of("node-1"), 1));
        assertThat(get(coordinator.write(get(elected), List.of(create)))).isEqualTo(new ControllerWriteResult.Done());
    }

    private static void assertRefused(String path, org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatThrownBy(action).as(path).isInstanceOf(KeeperException.NoAuthException.class);
    }

    private CuratorCoordinator connect(ZooKeeperConfig config) throws Exception {
        CuratorCoordinator coordinator = CuratorCoordinator.connect(
                config, directory.resolve("session-" + coordinators.size()), ZnodeAclsTest::rethrow);
        coordinators.add(coordinator);
        return coordinator;
    }

    private ZooKeeperConfig as(String user, String password) throws Exception {
        return config(Optional.of(user), Optional.of(password(password)));
    }

    private ZooKeeperConfig asNobody() {
        return config(Optional.empty(), Optional.empty());
    }

    private ZooKeeperConfig config(Optional<String> user, Optional<Path> passwordFile) {
        return new ZooKeeperConfig(
                HostPorts.of(address()),
                false,
                "/caskade",
                Duration.ofSeconds(6),
                Duration.ofSeconds(10),
                user,
                passwordFile);
    }

    private ServerConfig config(String node, Path passwordFile) throws Exception {
        return SettingsFile.defaults(
                ServerConfig.class,
                Map.of(
                        "CASKADE_NODE_ID",
                        node,
                        "CASKADE_DATA_DIR",
                        directory.resolve(node).toString(),
                        "CASKADE_LISTENERS_GRPC_BIND",
                        "127.0.0.1:0",
                        "CASKADE_LISTENERS_HTTP_BIND",
                        "127.0.0.1:0",
                        "CASKADE_LISTENERS_REDIS_BIND",
                        "127.0.0.1:0",
                        "CASKADE_LISTENERS_REPLICATION_BIND",
                        "127.0.0.1:0",
                        "CASKADE_ZOOKEEPER_CONNECT",
                        address().toString(),
                        "CASKADE_ZOOKEEPER_EMBEDDED",
                        "false",
                        "CASKADE_ZOOKEEPER_USER",
                        "caskade",
                        "CASKADE_ZOOKEEPER_PASSWORD_FILE",
                        passwordFile.toString()));
    }

    private Path password(String password) throws Exception {
        return Files.writeString(Files.createTempFile(directory, "password", ""), password + "\n");
    }

    private HostPort address() {
        return new HostPort("127.0.0.1", server.getPort());
    }

    private static BootstrapData bootstrapData(String id) {
        return new BootstrapData(new ClusterSettings(id, 4), new ClusterSecret(new byte[ClusterSecret.SEED_BYTES]));
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
