package io.caskade.systemtests;

import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClientConfig;
import io.caskade.client.ClusterView;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import io.caskade.testing.FreePorts;
import io.caskade.testing.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// Three nodes and a ZooKeeper, each in a process of its own, on ports of their own. Not safe for use by
/// several threads.
final class LocalCluster implements AutoCloseable {

    private static final int NODES = 3;
    private static final String SESSION_TIMEOUT = "2s";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /// A leader that a busy machine does not run for a second is not deposed.
    private static final String PATIENT = """
            replication:
              lease: 2s
              grace: 3s
            """;

    private final Path directory;
    private final int zookeeperPort;
    private final Map<String, Path> configurations = new TreeMap<>();
    private final Map<String, NodeProcess> nodes = new TreeMap<>();
    private final Map<String, TcpProxy> proxies = new TreeMap<>();
    private final Map<String, Integer> httpPorts = new TreeMap<>();
    private final Map<String, Integer> redisPorts = new TreeMap<>();
    private final boolean proxied;
    private final String moreSettings;
    private @Nullable NodeProcess zookeeper;

    private LocalCluster(Path directory, boolean proxied, String moreSettings) throws IOException {
        this.directory = directory;
        this.proxied = proxied;
        this.moreSettings = moreSettings;
        this.zookeeperPort = FreePorts.next();
        for (int number = 1; number <= NODES; number++) {
            configurations.put("node-" + number, configuration("node-" + number));
        }
    }

    /// Starts all of it and returns when every node is ready.
    static LocalCluster start(Path directory) throws IOException, InterruptedException {
        return start(directory, false, "");
    }

    /// Starts all of it, with a proxy before each node's replication port.
    static LocalCluster startBehindProxies(Path directory) throws IOException, InterruptedException {
        return start(directory, true, "");
    }

    /// Starts all of it, with leaders that are deposed only after seconds: for tests in which nothing may fail
    /// although nothing is broken, and the machine is busy.
    static LocalCluster startPatient(Path directory) throws IOException, InterruptedException {
        return start(directory, false, PATIENT);
    }

    private static LocalCluster start(Path directory, boolean proxied, String moreSettings)
            throws IOException, InterruptedException {
        LocalCluster cluster = new LocalCluster(directory, proxied, moreSettings);
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
        int replication = FreePorts.next();
        int http = FreePorts.next();
        httpPorts.put(node, http);
        int redis = FreePorts.next();
        redisPorts.put(node, redis);
        String advertised = "\"\"";
        if (proxied) {
            TcpProxy proxy = new TcpProxy(new HostPort("127.0.0.1", replication));
            proxies.put(node, proxy);
            advertised = proxy.address().toString();
        }
        return Files.writeString(
                directory.resolve(node + ".yaml"),
                String.format(
                                Locale.ROOT,
                                """
                node:
                  id: %s
                data-dir: %s
                zookeeper:
                  connect: 127.0.0.1:%d
                  session-timeout: %s
                listeners:
                  grpc:
                    bind: 127.0.0.1:%d
                  http:
                    bind: 127.0.0.1:%d
                  redis:
                    bind: 127.0.0.1:%d
                  replication:
                    bind: 127.0.0.1:%d
                    advertised: %s
                storage:
                  segment-size: 1MiB
                  max-value-size: 64KiB
                disk:
                  reserve: 4MiB
                cluster:
                  partitions: 2
                  replication-factor: 3
                  min-insync: 2
                """,
                                node,
                                data(node),
                                zookeeperPort,
                                SESSION_TIMEOUT,
                                FreePorts.next(),
                                http,
                                redis,
                                replication,
                                advertised)
                        + moreSettings);
    }

    private void startAll() throws IOException, InterruptedException {
        startZooKeeper();
        startAgain(configurations.keySet());
    }

    /// Starts the ZooKeeper, for the first time or again, and returns when it is ready.
    void startZooKeeper() throws IOException, InterruptedException {
        NodeProcess started = NodeProcess.launch(
                "io.caskade.server.ZooKeeperMain",
                directory.resolve("zookeeper.log"),
                configurationOf("node-1").toString(),
                directory.resolve("zookeeper").toString());
        zookeeper = started;
        started.awaitReady();
    }

    /// Kills the ZooKeeper as `kill -9` does.
    void killZooKeeper() throws InterruptedException {
        if (zookeeper != null) {
            zookeeper.kill();
        }
    }

    /// The nodes' names.
    List<String> ids() {
        return List.copyOf(configurations.keySet());
    }

    /// Where a node keeps its data.
    Path data(String id) {
        return directory.resolve(id);
    }

    /// Where a node listens for HTTP.
    int httpPort(String id) {
        Integer port = httpPorts.get(id);
        if (port == null) {
            throw new AssertionError("there is no " + id);
        }
        return port;
    }

    /// Where a node listens for the Redis protocol.
    int redisPort(String id) {
        Integer port = redisPorts.get(id);
        if (port == null) {
            throw new AssertionError("there is no " + id);
        }
        return port;
    }

    /// What stands before a node's replication port.
    TcpProxy proxy(String id) {
        TcpProxy proxy = proxies.get(id);
        if (proxy == null) {
            throw new AssertionError("no proxy stands before " + id);
        }
        return proxy;
    }

    private Path configurationOf(String id) {
        Path configuration = configurations.get(id);
        if (configuration == null) {
            throw new AssertionError("there is no " + id);
        }
        return configuration;
    }

    private NodeProcess launch(String node, Path configuration) throws IOException, InterruptedException {
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

    /// Starts a node that the cluster was not formed with, and returns when it is ready.
    void join(String id) throws IOException, InterruptedException {
        configurations.put(id, configuration(id));
        startAgain(id);
    }

    /// Kills a node as `kill -9` does.
    void kill(String id) throws InterruptedException {
        node(id).kill();
    }

    /// Starts a node again, and returns when it is ready.
    void startAgain(String id) throws IOException, InterruptedException {
        startAgain(List.of(id));
    }

    /// Starts nodes again, all at once, and returns when they are ready.
    void startAgain(Collection<String> ids) throws IOException, InterruptedException {
        for (String id : ids) {
            nodes.put(id, launch(id, configurationOf(id)));
        }
        for (String id : ids) {
            node(id).awaitReady();
        }
    }

    /// Starts what was killed, lets go on what was paused, and returns when all are ready: also after a test
    /// that failed half way.
    void mend() throws IOException, InterruptedException {
        if (zookeeper == null || !zookeeper.isRunning()) {
            startZooKeeper();
        }
        List<String> dead = new ArrayList<>();
        for (Map.Entry<String, NodeProcess> node : nodes.entrySet()) {
            if (node.getValue().isRunning()) {
                node.getValue().resume();
            } else {
                dead.add(node.getKey());
            }
        }
        startAgain(dead);
    }

    CaskadeClient client(Duration timeout) {
        return CaskadeClient.create(ClientConfig.defaults()
                .withZooKeeper(HostPorts.of(new HostPort("127.0.0.1", zookeeperPort)))
                .withTimeout(timeout));
    }

    /// Waits until every copy is in sync.
    void awaitAllInSync(CaskadeClient client) {
        Awaitility.await("all copies in sync")
                .atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(CaskadeException.class)
                .until(() -> client.cluster().partitions().stream()
                        .allMatch(partition -> partition.inSync().size() == NODES));
    }

    /// The node that leads a partition, once there is one.
    static String leaderOf(CaskadeClient client, int partition) {
        return Awaitility.await("partition " + partition + " has a leader")
                .atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(CaskadeException.class)
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
        if (zookeeper != null) {
            zookeeper.close();
        }
        for (TcpProxy proxy : proxies.values()) {
            try {
                proxy.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
