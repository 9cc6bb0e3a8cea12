package io.caskade.bench.process;

import io.caskade.settings.HostPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Nodes of Caskade as `make cluster` and `make standalone` run them, on ports and in a directory of their own.
/// Thread-safe.
public final class CaskadeNodes implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final Pattern READY = Pattern.compile("^caskade[a-z-]* ready");
    private static final int CLUSTER_NODES = 3;

    private final Path home;
    private final ScratchArea area;
    private final HostPort zookeeper;
    private final Map<String, ServerProcess> nodes = new ConcurrentSkipListMap<>();

    private volatile long readyNanos;

    private CaskadeNodes(Path home, ScratchArea area, HostPort zookeeper) {
        this.home = home;
        this.area = area;
        this.zookeeper = zookeeper;
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
            CaskadeNodes nodes =
                    new CaskadeNodes(home, area, LoopbackPorts.free(1).getFirst());
            nodes.start(count);
            started = true;
            return nodes;
        } finally {
            if (!started) {
                area.close();
            }
        }
    }

    private void start(int count) throws IOException {
        List<String> names = IntStream.rangeClosed(1, count)
                .mapToObj(number -> "node-" + number)
                .toList();
        for (String name : names) {
            Files.writeString(configurationOf(name), configuration(name, count));
        }
        if (count > 1) {
            List<String> command = List.of(
                    home.resolve("bin/caskade-zookeeper").toString(),
                    configurationOf(names.getFirst()).toString(),
                    area.directory().resolve("zookeeper").toString());
            area.start("zookeeper", command, withoutOtherNodesSettings(), READY).awaitReady(TIMEOUT);
        }
        for (String name : names) {
            launch(name);
        }
        nodes.values().forEach(node -> node.awaitReady(TIMEOUT));
        readyNanos = System.nanoTime();
    }

    private Path configurationOf(String name) {
        return area.directory().resolve(name + ".yaml");
    }

    private ServerProcess launch(String name) throws IOException {
        List<String> command = List.of(
                home.resolve("bin/caskade-server").toString(),
                configurationOf(name).toString());
        ServerProcess node = area.start(name, command, withoutOtherNodesSettings(), READY);
        nodes.put(name, node);
        return node;
    }

    /// Starts a node again, which has ended, and returns when it serves.
    public void startAgain(String name) {
        try {
            launch(name).awaitReady(TIMEOUT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The settings that differ from their defaults in conf/cluster and conf/standalone, and ports that are
    /// free.
    private String configuration(String name, int count) {
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

    /// Where each has a `NAME.pid`, as `run/` has for those of `make cluster`.
    public Path directory() {
        return area.directory();
    }

    /// Where their ZooKeeper listens.
    public HostPort zookeeper() {
        return zookeeper;
    }

    /// When the last of them said that it serves, as `System.nanoTime()` counts.
    public long readyNanos() {
        return readyNanos;
    }

    /// The nodes' processes, without the ZooKeeper's.
    public List<Long> pids() {
        return nodes.values().stream().map(ServerProcess::pid).toList();
    }

    @Override
    public void close() {
        area.close();
    }
}
