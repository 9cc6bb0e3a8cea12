package io.caskade.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.config.ServerConfig;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.zookeeper.EmbeddedZooKeeper;
import io.caskade.server.zookeeper.RawClient;
import io.caskade.settings.HostPort;
import io.caskade.settings.SettingsFile;
import io.caskade.testing.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes with data whose ZooKeeper has none.
class LostZooKeeperDataTest {

    private static final List<String> NODES = List.of("node-1", "node-2", "node-3");

    @TempDir
    private Path directory;

    private EmbeddedZooKeeper zookeeper;

    @BeforeEach
    void startZooKeeper() throws Exception {
        zookeeper = start(new HostPort("127.0.0.1", FreePorts.next()), "zookeeper");
    }

    @AfterEach
    void stopZooKeeper() throws Exception {
        zookeeper.close();
    }

    @Test
    void nodesThatStartTogetherFormNoNewClusterAndSayWhatIsLost() throws Exception {
        startAndStopAll();
        zookeeper.close();
        zookeeper = start(zookeeper.address(), "empty");

        List<CompletableFuture<Void>> starts = NODES.stream()
                .map(node -> CompletableFuture.runAsync(() -> startAndStop(node)))
                .toList();

        for (int i = 0; i < NODES.size(); i++) {
            CompletableFuture<Void> start = starts.get(i);
            assertThatThrownBy(start::join)
                    .cause()
                    .isInstanceOf(StartupException.class)
                    .hasMessageStartingWith("zookeeper.connect " + zookeeper.address()
                            + ": there is no cluster at zookeeper.root /caskade, but data-dir "
                            + directory.resolve(NODES.get(i)) + " belongs to cluster ")
                    .hasMessageContaining("node " + NODES.get(i))
                    .hasMessageContaining("ZooKeeper's data are lost");
        }
        try (RawClient client = new RawClient(zookeeper.address())) {
            assertThat(client.zooKeeper().exists("/caskade", false)).isNull();
        }
    }

    @Test
    void nodesGoOnWhenZooKeepersDataAreBack() throws Exception {
        startAndStopAll();
        zookeeper.close();
        zookeeper = start(zookeeper.address(), "empty");
        assertThatThrownBy(() -> startAndStop("node-1")).hasCauseInstanceOf(StartupException.class);

        zookeeper.close();
        zookeeper = start(zookeeper.address(), "zookeeper");

        startAndStopAll();
    }

    @Test
    void aDirectoryWithCopiesAndWithoutAMarkFormsNoClusterEither() throws Exception {
        Files.createDirectories(directory.resolve("node-1/partitions/0"));

        assertThatThrownBy(() -> startAndStop("node-1"))
                .cause()
                .hasMessageContaining("belongs to a node that is not named in it");
    }

    private EmbeddedZooKeeper start(HostPort address, String data) throws Exception {
        return EmbeddedZooKeeper.start(address, directory.resolve(data), _ -> {});
    }

    /// Together, as after a power failure.
    private void startAndStopAll() {
        CompletableFuture.allOf(NODES.stream()
                        .map(node -> CompletableFuture.runAsync(() -> startAndStop(node)))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }

    private void startAndStop(String node) {
        try (Node _ = Node.start(config(node))) {
            assertThat(directory.resolve(node).resolve("node")).exists();
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private ServerConfig config(String node) throws Exception {
        return SettingsFile.defaults(
                ServerConfig.class,
                Map.of(
                        "CASKADE_NODE_ID", node,
                        "CASKADE_DATA_DIR", directory.resolve(node).toString(),
                        "CASKADE_ZOOKEEPER_CONNECT", zookeeper.address().toString(),
                        "CASKADE_LISTENERS_GRPC_BIND", "127.0.0.1:0",
                        "CASKADE_LISTENERS_HTTP_BIND", "127.0.0.1:0",
                        "CASKADE_LISTENERS_REDIS_BIND", "127.0.0.1:0",
                        "CASKADE_LISTENERS_REPLICATION_BIND", "127.0.0.1:0",
                        "CASKADE_CLUSTER_PARTITIONS", "2",
                        "CASKADE_CLUSTER_REPLICATION_FACTOR", "1"));
    }
}
