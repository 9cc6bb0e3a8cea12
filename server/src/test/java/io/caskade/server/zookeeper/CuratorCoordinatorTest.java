package io.caskade.server.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.CoordinatorContract;
import io.caskade.server.cluster.RecordingObserver;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import io.caskade.testing.FreePorts;
import io.caskade.testing.TcpProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The contract, kept by Curator and a real ZooKeeper.
class CuratorCoordinatorTest extends CoordinatorContract {

    private static final int TICK_MILLIS = 500;
    private static final String MAX_SESSION_MILLIS = "120000";

    @TempDir
    private Path directory;

    private TestingServer server;

    private static void rethrow(Error error) {
        throw error;
    }

    @BeforeEach
    void startServer() throws Exception {
        server = new TestingServer(
                new InstanceSpec(
                        null,
                        FreePorts.next(),
                        -1,
                        -1,
                        true,
                        -1,
                        TICK_MILLIS,
                        -1,
                        Map.of("maxSessionTimeout", MAX_SESSION_MILLIS)),
                true);
    }

    @Override
    protected void stopServers() throws Exception {
        server.close();
    }

    @Override
    protected NodeProcess start(String node, Duration sessionTimeout) throws Exception {
        return new ProxiedProcess(
                Files.createTempDirectory(directory, node).resolve("zookeeper-session"), sessionTimeout);
    }

    @Test
    void theFirstNodesSharedSettingsCountAndChangeByCompareAndSet() throws Exception {
        SharedSettings first = new SharedSettings(3, 2, 600_000, true, 1 << 20, 350, 500);
        SharedSettings other = first.withReplicationFactor(5);
        try (CuratorCoordinator coordinator =
                new ProxiedProcess(directory.resolve("session-of-settings"), Duration.ofSeconds(2)).coordinator) {
            ClusterSettings formed = new ClusterSettings("c", 1);
            get(coordinator.bootstrap(
                    new BootstrapData(formed, new ClusterSecret(new byte[ClusterSecret.SEED_BYTES]))));
            RecordingObserver observer = new RecordingObserver();
            coordinator.subscribe(observer);

            assertThat(get(coordinator.seedSettings(first))).isEqualTo(new Versioned<>(first, 0));
            assertThat(get(coordinator.seedSettings(other))).isEqualTo(new Versioned<>(first, 0));
            assertThat(get(coordinator.changeSettings(7, other))).isFalse();
            assertThat(get(coordinator.changeSettings(0, other))).isTrue();

            assertThat(get(coordinator.readSettings())).isEqualTo(new Versioned<>(other, 1));
            observer.awaitImage(image -> other.equals(image.shared()));
        }
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private HostPort address() {
        return new HostPort("127.0.0.1", server.getPort());
    }

    /// A process behind a proxy of its own.
    private final class ProxiedProcess implements NodeProcess {

        private final Path sessionFile;
        private final Duration sessionTimeout;
        private final TcpProxy proxy;
        private final CuratorCoordinator coordinator;

        ProxiedProcess(Path sessionFile, Duration sessionTimeout) throws Exception {
            this.sessionFile = sessionFile;
            this.sessionTimeout = sessionTimeout;
            this.proxy = new TcpProxy(address());
            this.coordinator =
                    CuratorCoordinator.connect(config(proxy.address()), sessionFile, CuratorCoordinatorTest::rethrow);
        }

        private ZooKeeperConfig config(HostPort address) {
            return new ZooKeeperConfig(
                    HostPorts.of(address),
                    false,
                    "/test/caskade",
                    sessionTimeout,
                    Duration.ofSeconds(10),
                    Optional.empty(),
                    Optional.empty());
        }

        @Override
        public Coordinator coordinator() {
            return coordinator;
        }

        @Override
        public void cut() {
            proxy.cut();
        }

        @Override
        public void swallowAnswers() {
            proxy.swallowResponses();
        }

        @Override
        public void heal() {
            proxy.heal();
        }

        @Override
        public void expireSession() throws Exception {
            Path copy = Files.copy(sessionFile, sessionFile.resolveSibling("expiring"));
            new SavedSession(copy).closeLast(address().toString(), sessionTimeout, Duration.ofSeconds(10));
        }

        @Override
        public void crash() {
            proxy.cut();
            coordinator.close();
        }

        @Override
        public NodeProcess restart() throws Exception {
            return new ProxiedProcess(sessionFile, sessionTimeout);
        }

        @Override
        public void close() throws Exception {
            coordinator.close();
            proxy.close();
        }
    }
}
