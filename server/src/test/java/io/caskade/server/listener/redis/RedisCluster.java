package io.caskade.server.listener.redis;

import io.caskade.api.KeySlots;
import io.caskade.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;

/// Three nodes in this process, each with a copy of every partition, and a ZooKeeper.
final class RedisCluster implements AutoCloseable {

    static final int PARTITIONS = 6;

    private static final int NODES = 3;
    private static final Pattern RANGE = Pattern.compile(" (\\d+)-(\\d+)");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final TestingServer zooKeeper;
    private final List<RedisNode> nodes = new ArrayList<>();

    private RedisCluster(TestingServer zooKeeper) {
        this.zooKeeper = zooKeeper;
    }

    /// Returns once all copies are in sync, each node leads the partitions that it prefers, and all know that.
    static RedisCluster start(Path directory) throws Exception {
        return start(directory, Map.of());
    }

    /// Returns as above.
    ///
    /// @param settings more environment variables
    static RedisCluster start(Path directory, Map<String, String> settings) throws Exception {
        RedisCluster cluster = new RedisCluster(new TestingServer(FreePorts.next()));
        boolean started = false;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RedisNode>> starting = new ArrayList<>();
            for (int number = 1; number <= NODES; number++) {
                String id = "node-" + number;
                starting.add(threads.submit(() -> cluster.start(directory.resolve(id), id, settings)));
            }
            for (Future<RedisNode> node : starting) {
                cluster.nodes.add(node.get());
            }
            Awaitility.await("a slot map that stays").atMost(TIMEOUT).until(cluster::isSettled);
            started = true;
            return cluster;
        } finally {
            if (!started) {
                cluster.close();
            }
        }
    }

    private RedisNode start(Path directory, String id, Map<String, String> settings) throws Exception {
        Map<String, String> all = new HashMap<>(Map.of(
                "CASKADE_NODE_ID",
                id,
                "CASKADE_ZOOKEEPER_EMBEDDED",
                "false",
                "CASKADE_ZOOKEEPER_CONNECT",
                zooKeeper.getConnectString(),
                "CASKADE_CLUSTER_PARTITIONS",
                Integer.toString(PARTITIONS),
                "CASKADE_CLUSTER_REPLICATION_FACTOR",
                "3",
                "CASKADE_CLUSTER_MIN_INSYNC",
                "2"));
        all.putAll(settings);
        return RedisNode.start(directory, all);
    }

    private boolean isSettled() throws Exception {
        List<String> slotMaps = new ArrayList<>();
        for (RedisNode node : nodes) {
            try (RawRedis redis = node.connect()) {
                String slotMap = redis.ask("CLUSTER NODES").replace("myself,", "");
                boolean inSync = redis.ask("WAIT 2 0").equals("(integer) 2");
                slotMaps.add(inSync && isEven(slotMap) ? slotMap : "not yet, says " + node.port());
            }
        }
        return slotMaps.stream().distinct().count() == 1;
    }

    /// Whether each node serves about a third of the slots: then no leadership moves any more.
    private static boolean isEven(String slotMap) {
        return slotMap.lines().filter(line -> line.contains(" connected")).count() == NODES
                && slotMap.lines()
                        .filter(line -> line.contains(" connected"))
                        .allMatch(line -> Math.abs(slots(line) - KeySlots.COUNT / NODES) <= NODES);
    }

    private static int slots(String line) {
        return RANGE.matcher(line)
                .results()
                .mapToInt(range -> Integer.parseInt(range.group(2)) - Integer.parseInt(range.group(1)) + 1)
                .sum();
    }

    RedisNode node(int number) {
        return nodes.get(number - 1);
    }

    List<RedisNode> nodes() {
        return nodes;
    }

    @Override
    public void close() throws IOException {
        nodes.forEach(RedisNode::close);
        zooKeeper.close();
    }
}
