package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.ClusterPipeline;
import redis.clients.jedis.CommandObjects;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;

/// The cluster client of Jedis against three nodes, of which it is told one.
class JedisClusterTest {

    private static final int KEYS = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private static RedisCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = RedisCluster.start(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private static RedisClusterClient connect(DefaultJedisClientConfig.Builder config) {
        return RedisClusterClient.builder()
                .nodes(Set.of(new HostAndPort("127.0.0.1", cluster.node(1).port())))
                .clientConfig(config.timeoutMillis((int) TIMEOUT.toMillis()).build())
                .build();
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void itFindsAllNodesAndIsAnsweredForAllKeys(RedisProtocol protocol) {
        try (RedisClusterClient jedis =
                connect(DefaultJedisClientConfig.builder().protocol(protocol))) {
            assertThat(jedis.getClusterNodes().keySet())
                    .containsExactlyInAnyOrderElementsOf(cluster.nodes().stream()
                            .map(node -> "127.0.0.1:" + node.port())
                            .toList());
            for (int i = 0; i < KEYS; i++) {
                assertThat(jedis.set("jc:" + i, "v" + i)).isEqualTo("OK");
                assertThat(jedis.incr("jc:n" + i)).isEqualTo(1);
            }
            for (int i = 0; i < KEYS; i++) {
                assertThat(jedis.get("jc:" + i)).isEqualTo("v" + i);
            }
            assertThat(jedis.mget("{jc}1", "{jc}2")).containsExactly(null, null);
            for (int i = 0; i < KEYS; i++) {
                assertThat(jedis.del("jc:" + i)).isEqualTo(1);
                assertThat(jedis.del("jc:n" + i)).isEqualTo(1);
            }
        }
    }

    @Test
    void pipelinesGoToAllNodes() {
        try (RedisClusterClient jedis =
                connect(DefaultJedisClientConfig.builder().resp3())) {
            Map<Long, Response<Long>> counts = new HashMap<>();
            try (ClusterPipeline pipeline = jedis.pipelined()) {
                for (long i = 0; i < KEYS; i++) {
                    counts.put(i, pipeline.incrBy("jp:" + i, i));
                }
                pipeline.sync();
            }
            counts.forEach((i, count) -> assertThat(count.get()).isEqualTo(i));
        }
    }

    @Test
    void replicasAreRead() {
        try (RedisClusterClient jedis =
                connect(DefaultJedisClientConfig.builder().readOnlyForRedisClusterReplicas())) {
            jedis.set("jr:key", "v");

            Awaitility.await("the follower that answers has applied the write")
                    .atMost(TIMEOUT)
                    .until(() -> "v"
                            .equals(jedis.executeCommandToReplica(
                                    new CommandObjects(RedisProtocol.RESP3).get("jr:key"))));
        }
    }
}
