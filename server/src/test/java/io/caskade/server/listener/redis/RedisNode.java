package io.caskade.server.listener.redis;

import io.caskade.server.Node;
import io.caskade.server.config.ServerConfig;
import io.caskade.settings.SettingsFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// A node of its own, with an embedded ZooKeeper and every port free.
final class RedisNode implements AutoCloseable {

    static final int MAX_VALUE_BYTES = 64 << 10;

    private final Node node;

    private RedisNode(Node node) {
        this.node = node;
    }

    /// @param settings more environment variables
    static RedisNode start(Path directory, Map<String, String> settings) throws Exception {
        return new RedisNode(Node.start(SettingsFile.defaults(ServerConfig.class, environment(directory, settings))));
    }

    /// Starts a node with the file that `make standalone` uses.
    static RedisNode startStandalone(Path directory) throws Exception {
        return new RedisNode(Node.start(
                ServerConfig.load(Path.of("../conf/standalone/server.yaml"), environment(directory, Map.of()))));
    }

    private static Map<String, String> environment(Path directory, Map<String, String> settings) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "CASKADE_DATA_DIR", directory.resolve("data").toString(),
                "CASKADE_ZOOKEEPER_EMBEDDED", "true",
                "CASKADE_ZOOKEEPER_CONNECT", "127.0.0.1:0",
                "CASKADE_LISTENERS_GRPC_BIND", "127.0.0.1:0",
                "CASKADE_LISTENERS_HTTP_BIND", "",
                "CASKADE_LISTENERS_REDIS_BIND", "127.0.0.1:0",
                "CASKADE_LISTENERS_REPLICATION_BIND", "127.0.0.1:0",
                "CASKADE_STORAGE_MAX_VALUE_SIZE", "64KiB"));
        environment.putAll(settings);
        return environment;
    }

    /// Starts another node of the cluster that a node has formed with its own ZooKeeper.
    static RedisNode join(RedisNode first, Path directory, String id) throws Exception {
        return start(
                directory,
                Map.of(
                        "CASKADE_NODE_ID",
                        id,
                        "CASKADE_ZOOKEEPER_EMBEDDED",
                        "false",
                        "CASKADE_ZOOKEEPER_CONNECT",
                        first.node().addresses().zookeeper()));
    }

    Node node() {
        return node;
    }

    int port() {
        return node.addresses().redis().orElseThrow().bound().port();
    }

    RawRedis connect() throws Exception {
        return new RawRedis(port());
    }

    @Override
    public void close() {
        node.close();
    }
}
