package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes that redirect all clients: what a cluster client adds up over all nodes is right.
class RedirectedClientsTest {

    private static final int KEYS = 50;

    @TempDir
    private static Path directory;

    private static RedisCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = RedisCluster.start(directory, Map.of("CASKADE_LISTENERS_REDIS_REDIRECT", "true"));
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @Test
    void eachKeyIsCountedAndListedOnce() {
        RedisClusterClient client = RedisClusterClient.create(RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(cluster.node(2).port())
                .withTimeout(Duration.ofSeconds(30))
                .build());
        try (StatefulRedisClusterConnection<String, String> connection = client.connect()) {
            RedisAdvancedClusterCommands<String, String> redis = connection.sync();
            for (int i = 0; i < KEYS; i++) {
                redis.set("once:" + i, "v");
            }

            assertThat(redis.dbsize()).isEqualTo(KEYS);
            assertThat(redis.keys("once:*")).hasSize(KEYS).doesNotHaveDuplicates();
            assertThat(redis.clusterCountKeysInSlot(
                            redis.clusterKeyslot("once:1").intValue()))
                    .isEqualTo(1);
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(10));
        }
    }
}
