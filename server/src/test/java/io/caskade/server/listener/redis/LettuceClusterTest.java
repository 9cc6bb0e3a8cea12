package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.ReadFrom;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.protocol.ProtocolVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The cluster client of Lettuce against three nodes, of which it is told one.
class LettuceClusterTest {

    private static final int KEYS = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private static RedisCluster cluster;

    private RedisClusterClient client;

    @BeforeAll
    static void start() throws Exception {
        cluster = RedisCluster.start(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void create() {
        client = RedisClusterClient.create(RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(cluster.node(1).port())
                .withTimeout(TIMEOUT)
                .build());
    }

    @AfterEach
    void shutDown() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(10));
    }

    private StatefulRedisClusterConnection<String, String> connect(ProtocolVersion version) {
        client.setOptions(
                ClusterClientOptions.builder().protocolVersion(version).build());
        return client.connect();
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"RESP2", "RESP3"})
    void itFindsAllNodesWithAllSlots(ProtocolVersion version) {
        try (StatefulRedisClusterConnection<String, String> connection = connect(version)) {
            assertThat(connection.getPartitions())
                    .extracting(node -> node.getUri().getPort())
                    .containsExactlyInAnyOrderElementsOf(
                            cluster.nodes().stream().map(RedisNode::port).toList());
            assertThat(connection.getPartitions().stream()
                            .mapToInt(node -> node.getSlots().size())
                            .sum())
                    .isEqualTo(16384);
            assertThat(connection.getPartitions())
                    .extracting(RedisClusterNode::isConnected)
                    .containsOnly(true);
            for (RedisClusterNode node : connection.getPartitions()) {
                assertThat(connection.getConnection(node.getNodeId()).sync().clusterMyId())
                        .isEqualTo(node.getNodeId());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"RESP2", "RESP3"})
    void itIsAnsweredForAllKeys(ProtocolVersion version) {
        try (StatefulRedisClusterConnection<String, String> connection = connect(version)) {
            RedisAdvancedClusterCommands<String, String> redis = connection.sync();
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                keys.add("lc:" + i);
                assertThat(redis.set("lc:" + i, "v" + i, SetArgs.Builder.ex(1000)))
                        .isEqualTo("OK");
            }
            assertThat(redis.mget(keys.toArray(String[]::new)))
                    .hasSize(KEYS)
                    .allMatch(found ->
                            found.getValue().equals("v" + found.getKey().substring(3)));
            assertThat(redis.del(keys.toArray(String[]::new))).isEqualTo(KEYS);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"RESP2", "RESP3"})
    void theClusterIsUnderstood(ProtocolVersion version) {
        try (StatefulRedisClusterConnection<String, String> connection = connect(version)) {
            RedisAdvancedClusterCommands<String, String> redis = connection.sync();
            assertThat(redis.clusterInfo()).contains("cluster_state:ok");
            assertThat(redis.clusterSlots()).isNotEmpty();
            assertThat(redis.clusterShards()).hasSize(3);
            assertThat(redis.clusterKeyslot("foo")).isEqualTo(12182);
        }
    }

    @Test
    void anyNodeIsRead() {
        try (StatefulRedisClusterConnection<String, String> connection = connect(ProtocolVersion.RESP3)) {
            connection.setReadFrom(ReadFrom.REPLICA_PREFERRED);
            connection.sync().set("lr:key", "v");

            Awaitility.await("the node that answers has applied the write")
                    .atMost(TIMEOUT)
                    .until(() -> "v".equals(connection.sync().get("lr:key")));
        }
    }
}
