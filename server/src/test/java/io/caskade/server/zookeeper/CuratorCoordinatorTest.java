package io.caskade.server.zookeeper;

import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.CoordinatorContract;
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
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.BeforeEach;
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
