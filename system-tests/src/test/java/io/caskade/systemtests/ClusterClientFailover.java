package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.KeySlots;
import io.caskade.client.CaskadeClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A cluster client of Redis writes, one command after the other, while the leader of half of its keys is
/// killed and comes back: it finds the new leader by itself, and all that was acknowledged is there.
final class ClusterClientFailover {

    private static final int PARTITIONS = 2;
    private static final int COMMANDS = 200;
    private static final long TIMEOUT_NANOS = Duration.ofSeconds(60).toNanos();

    private final Client redis;
    private final List<String> acknowledged = new ArrayList<>();
    private int tried;

    /// A client, as it is used here. Its methods throw what it throws.
    interface Client extends AutoCloseable {

        void set(String key, String value);

        @Nullable
        String get(String key);

        @Override
        void close();
    }

    /// Connects a client to a cluster whose nodes listen on some ports.
    interface Connector {
        Client connect(List<Integer> ports);
    }

    private ClusterClientFailover(Client redis) {
        this.redis = redis;
    }

    static void check(Path directory, Connector connector) throws Exception {
        try (LocalCluster cluster = LocalCluster.start(directory);
                CaskadeClient admin = cluster.client(Duration.ofSeconds(30))) {
            cluster.awaitAllInSync(admin);
            List<Integer> ports = cluster.ids().stream().map(cluster::redisPort).toList();
            try (Client redis = connector.connect(ports)) {
                new ClusterClientFailover(redis).check(cluster, admin);
            }
        }
    }

    private void check(LocalCluster cluster, CaskadeClient admin) throws Exception {
        writeUntilAcknowledged();
        String leader = LocalCluster.leaderOf(admin, 0);
        cluster.kill(leader);
        writeUntilAcknowledged();
        cluster.startAgain(leader);
        cluster.awaitAllInSync(admin);
        writeUntilAcknowledged();
        for (String key : acknowledged) {
            assertThat(redis.get(key)).as(key).isEqualTo("value of " + key);
        }
    }

    /// Writes until so many keys of each partition were acknowledged.
    private void writeUntilAcknowledged() {
        int[] counts = new int[PARTITIONS];
        long deadline = System.nanoTime() + TIMEOUT_NANOS;
        RuntimeException last = null;
        while (counts[0] < COMMANDS || counts[1] < COMMANDS) {
            assertThat(System.nanoTime() - deadline)
                    .as("service goes on; it failed with: %s", last)
                    .isNegative();
            String key = "key:" + tried++;
            try {
                redis.set(key, "value of " + key);
                acknowledged.add(key);
                counts[KeySlots.partitionOf(key.getBytes(US_ASCII), PARTITIONS)]++;
            } catch (RuntimeException e) {
                last = e;
            }
        }
    }
}
