package io.caskade.bench.process;

import io.caskade.settings.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Nodes of Caskade as `make cluster` and `make standalone` run them, on ports and in a directory of their own.
public final class CaskadeNodes implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final Pattern READY = Pattern.compile("^caskade[a-z-]* ready");
    private static final int CLUSTER_NODES = 3;

    private final ScratchArea area;
    private final HostPort zookeeper;
    private final List<ServerProcess> nodes;
    private final long readyNanos = System.nanoTime();

    private CaskadeNodes(ScratchArea area, HostPort zookeeper, List<ServerProcess> nodes) {
        this.area = area;
        this.zookeeper = zookeeper;
        this.nodes = nodes;
    }

    /// Starts a ZooKeeper and three nodes, and returns when they serve.
    ///
    /// @param home the project's directory, which is built
    /// @param parent gets the directory that they work in
    public static CaskadeNodes startCluster(Path home, Path parent) throws IOException {
        return start(home, parent, CLUSTER_NODES);
    }

    /// Starts one node with its own ZooKeeper, and returns when it serves.
    ///
    /// @param home the project's directory, which is built
    /// @param parent gets the directory that it works in
    public static CaskadeNodes startOne(Path home, Path parent) throws IOException {
        return start(home, parent, 1);
    }

    private static CaskadeNodes start(Path home, Path parent, int count) throws IOException {
        ScratchArea area = ScratchArea.create(parent, "caskade");
        boolean started = false;
        try {
            HostPort zookeeper = LoopbackPorts.free(1).getFirst();
            Map<String, Path> configurations = new LinkedHashMap<>();
            for (int number = 1; number <= count; number++) {
                String name = "node-" + number;
                configurations.put(
                        name,
                        Files.writeString(
                                area.directory().resolve(name + ".yaml"), configuration(area, name, zookeeper, count)));
            }
            if (count > 1) {
                List<String> command = List.of(
                        home.resolve("bin/caskade-zookeeper").toString(),
                        area.directory().resolve("node-1.yaml").toString(),
                        area.directory().resolve("zookeeper").toString());
                area.start("zookeeper", command, withoutOtherNodesSettings(), READY)
                        .awaitReady(TIMEOUT);
            }
            List<ServerProcess> nodes = new ArrayList<>();
            for (Map.Entry<String, Path> configuration : configurations.entrySet()) {
                List<String> command = List.of(
                        home.resolve("bin/caskade-server").toString(),
                        configuration.getValue().toString());
                nodes.add(area.start(configuration.getKey(), command, withoutOtherNodesSettings(), READY));
            }
            nodes.forEach(node -> node.awaitReady(TIMEOUT));
            started = true;
            return new CaskadeNodes(area, zookeeper, List.copyOf(nodes));
        } finally {
            if (!started) {
                area.close();
            }
        }
    }

    /// The settings that differ from their defaults in conf/cluster and conf/standalone, and ports that are free.
    private static String configuration(ScratchArea area, String name, HostPort zookeeper, int count) {
        return String.format(
                Locale.ROOT,
                """
                node:
                  id: %s
                data-dir: %s
                zookeeper:
                  connect: %s
                  embedded: %s
                listeners:
                  grpc:
                    bind: 127.0.0.1:0
                  http:
                    bind: 127.0.0.1:0
                  redis:
                    bind: 127.0.0.1:0
                    max-clients: 20000
                  replication:
                    bind: 127.0.0.1:0
                cluster:
                  replication-factor: %d
                  min-insync: %d
                """,
                name,
                area.directory().resolve(name),
                zookeeper,
                count == 1,
                count,
                count == 1 ? 1 : 2);
    }

    /// What is set for the node of somebody's shell is not meant for these.
    private static Map<String, String> withoutOtherNodesSettings() {
        Map<String, String> removed = new LinkedHashMap<>();
        for (String variable : System.getenv().keySet()) {
            if (variable.matches("CASKADE_(NODE_.*|LISTENERS_.*|DATA_DIR|ZOOKEEPER_(CONNECT|EMBEDDED|ROOT))")) {
                removed.put(variable, "");
            }
        }
        return removed;
    }

    /// Where their ZooKeeper listens.
    public HostPort zookeeper() {
        return zookeeper;
    }

    /// When the last of them said that it serves, as `System.nanoTime()` counts.
    public long readyNanos() {
        return readyNanos;
    }

    /// The nodes, without the ZooKeeper.
    public List<Long> pids() {
        return nodes.stream().map(ServerProcess::pid).toList();
    }

    @Override
    public void close() {
        area.close();
    }
}
