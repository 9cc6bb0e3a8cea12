package io.caskade.cli;

import io.caskade.server.Node;
import io.caskade.server.config.ServerConfig;
import io.caskade.settings.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// A node in this process that stands alone, with all its protocols on free ports.
public final class LiveNode implements AutoCloseable {

    private final Node node;

    private LiveNode(Node node) {
        this.node = node;
    }

    /// Starts one.
    ///
    /// @param directory for its data
    public static LiveNode start(Path directory) throws Exception {
        Path file = Files.createDirectories(directory).resolve("server.yaml");
        Files.writeString(file, String.format(Locale.ROOT, """
                data-dir: %s
                zookeeper:
                  connect: 127.0.0.1:0
                  embedded: true
                listeners:
                  grpc:
                    bind: 127.0.0.1:0
                  http:
                    bind: 127.0.0.1:0
                  redis:
                    bind: 127.0.0.1:0
                  replication:
                    bind: 127.0.0.1:0
                storage:
                  segment-size: 1MiB
                  max-value-size: 64KiB
                disk:
                  reserve: 4MiB
                cluster:
                  partitions: 4
                """, directory.resolve("data")));
        return new LiveNode(Node.start(ServerConfig.load(file, Map.of())));
    }

    /// A shell of its cluster.
    public TestShell shell() {
        return new TestShell(node.addresses().zookeeper());
    }

    /// Where its cluster's ZooKeeper is.
    public String zookeeper() {
        return node.addresses().zookeeper();
    }

    /// Where it listens for the Redis protocol.
    public HostPort redis() {
        return node.addresses().redis().orElseThrow().bound();
    }

    @Override
    public void close() {
        node.close();
    }
}
