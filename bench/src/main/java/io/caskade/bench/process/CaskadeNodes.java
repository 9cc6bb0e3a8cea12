package io.caskade.bench.process;

import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.ClientConfig;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Nodes of Caskade as `make cluster` and `make standalone` run them, on ports and in a directory of their own.
/// Thread-safe.
public final class CaskadeNodes implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final Pattern READY = Pattern.compile("^caskade[a-z-]* ready");
    private static final int CLUSTER_NODES = 3;

    private final Path home;
    private final ServerGroup group;
    private final HostPort zookeeper;

    private volatile long readyNanos;

    private CaskadeNodes(Path home, ServerGroup group, HostPort zookeeper) {
        this.home = home;
        this.group = group;
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
        ServerGroup.Kind kind = new ServerGroup.Kind("caskade", READY, TIMEOUT, withoutOtherNodesSettings());
        return ServerGroup.start(parent, kind, group -> {
            CaskadeNodes nodes =
                    new CaskadeNodes(home, group, LoopbackPorts.free(1).getFirst());
            nodes.start(count);
            return nodes;
        });
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
                    group.directory().resolve("zookeeper").toString());
            group.awaitReady(group.startHelper("zookeeper", command));
        }
        for (String name : names) {
            var _ = launch(name);
        }
        group.awaitReady();
        readyNanos = System.nanoTime();
    }

    private Path configurationOf(String name) {
        return group.directory().resolve(name + ".yaml");
    }

    private ServerProcess launch(String name) throws IOException {
        return group.start(
                name,
                List.of(
                        home.resolve("bin/caskade-server").toString(),
                        configurationOf(name).toString()));
    }

    /// Starts a node again, which has ended, and returns when it serves.
    public void startAgain(String name) {
        try {
            group.awaitReady(launch(name));
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
                group.directory().resolve(name),
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
        return group.directory();
    }

    /// Where their ZooKeeper listens.
    HostPort zookeeper() {
        return zookeeper;
    }

    /// A client of these nodes, for the caller to close.
    ///
    /// @param settings of the client, but for the place
    public AsyncCaskadeClient connect(ClientConfig settings) {
        return AsyncCaskadeClient.create(settings.withZooKeeper(HostPorts.of(zookeeper)));
    }

    /// When the last of them said that it serves, as `System.nanoTime()` counts.
    public long readyNanos() {
        return readyNanos;
    }

    /// The nodes' processes, without the ZooKeeper's.
    public List<Long> pids() {
        return group.pids();
    }

    @Override
    public void close() {
        group.close();
    }
}
