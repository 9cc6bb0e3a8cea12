package io.caskade.system;

import io.caskade.client.CaskadeClient;
import io.caskade.client.ClientConfig;
import io.caskade.client.ClusterView;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/// Three nodes and a ZooKeeper, each in a process of its own, on ports of their own. Not safe for use by several
/// threads.
final class LocalCluster implements AutoCloseable {

    private static final int NODES = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final int zookeeperPort;
    private final Map<String, Path> configurations = new TreeMap<>();
    private final Map<String, NodeProcess> nodes = new TreeMap<>();
    private final List<NodeProcess> others = new ArrayList<>();

    private LocalCluster(Path directory) throws IOException {
        this.directory = directory;
        this.zookeeperPort = StandaloneFiles.freePort();
        for (int number = 1; number <= NODES; number++) {
            configurations.put("node-" + number, configuration("node-" + number));
        }
    }

    /// Starts all of it and returns when every node is ready.
    static LocalCluster start(Path directory) throws IOException, InterruptedException {
        LocalCluster cluster = new LocalCluster(directory);
        boolean started = false;
        try {
            cluster.startAll();
            started = true;
            return cluster;
        } finally {
            if (!started) {
                cluster.close();
            }
        }
    }

    private Path configuration(String node) throws IOException {
        return Files.writeString(directory.resolve(node + ".yaml"), """
                node:
                  id: %s
                data-dir: %s
                zookeeper:
                  connect: 127.0.0.1:%d
                listeners:
                  grpc:
                    bind: 127.0.0.1:%d
                  replication:
                    bind: 127.0.0.1:%d
                cluster:
                  partitions: 2
                  replication-factor: 3
                  min-insync: 2
                """.formatted(
                node, directory.resolve(node), zookeeperPort, StandaloneFiles.freePort(), StandaloneFiles.freePort()));
    }

    private void startAll() throws IOException, InterruptedException {
        NodeProcess zookeeper = NodeProcess.launch(
                "io.caskade.server.ZooKeeperMain",
                directory.resolve("zookeeper.log"),
                configurationOf("node-1").toString(),
                directory.resolve("zookeeper").toString());
        others.add(zookeeper);
        zookeeper.awaitReady();
        for (Map.Entry<String, Path> node : configurations.entrySet()) {
            nodes.put(node.getKey(), launch(node.getKey(), node.getValue()));
        }
        for (NodeProcess node : nodes.values()) {
            node.awaitReady();
        }
    }

    private Path configurationOf(String id) {
        Path configuration = configurations.get(id);
        if (configuration == null) {
            throw new AssertionError("there is no " + id);
        }
        return configuration;
    }

    private NodeProcess launch(String node, Path configuration) throws IOException {
        return NodeProcess.launch(configuration, directory.resolve(node + ".log"));
    }

    /// The process of a node.
    NodeProcess node(String id) {
        NodeProcess node = nodes.get(id);
        if (node == null) {
            throw new AssertionError("no " + id + " is running");
        }
        return node;
    }

    /// Kills a node as `kill -9` does.
    void kill(String id) throws InterruptedException {
        node(id).kill();
    }

    /// Starts a node again, and returns when it is ready.
    void startAgain(String id) throws IOException, InterruptedException {
        NodeProcess node = launch(id, configurationOf(id));
        nodes.put(id, node);
        node.awaitReady();
    }

    CaskadeClient client(Duration timeout) {
        return CaskadeClient.create(ClientConfig.defaults()
                .withZooKeeper(HostPorts.of(new HostPort("127.0.0.1", zookeeperPort)))
                .withTimeout(timeout));
    }

    /// Waits until every copy is in sync.
    void awaitAllInSync(CaskadeClient client) {
        Awaitility.await("all copies in sync")
                .atMost(PATIENCE)
                .until(() -> client.cluster().partitions().stream()
                        .allMatch(partition -> partition.inSync().size() == NODES));
    }

    /// The node that leads a partition, once there is one.
    static String leaderOf(CaskadeClient client, int partition) {
        return Awaitility.await("partition " + partition + " has a leader")
                .atMost(PATIENCE)
                .until(
                        () -> client.cluster()
                                .partition(partition)
                                .flatMap(ClusterView.Partition::leader)
                                .map(ClusterView.Leader::node)
                                .orElse(""),
                        node -> !node.isEmpty());
    }

    /// What all nodes have logged.
    String logged() {
        StringBuilder all = new StringBuilder();
        nodes.forEach((id, node) -> all.append("== ").append(id).append('\n').append(node.logged()));
        return all.toString();
    }

    /// Kills whatever is running.
    @Override
    public void close() {
        nodes.values().forEach(NodeProcess::close);
        others.forEach(NodeProcess::close);
    }
}
