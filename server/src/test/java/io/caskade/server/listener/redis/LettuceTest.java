package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ExpireArgs;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.ProtocolVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Lettuce against a node, as it is.
class LettuceTest {

    @TempDir
    private static Path directory;

    private static RedisNode node;
    private static RedisClient client;

    @BeforeAll
    static void start() throws Exception {
        node = RedisNode.start(directory, Map.of());
        client = RedisClient.create(RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(node.port())
                .withClientName("lettuce-test")
                .withTimeout(Duration.ofSeconds(30))
                .build());
    }

    @AfterAll
    static void stop() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(10));
        node.close();
    }

    private static StatefulRedisConnection<String, String> connect(ProtocolVersion version) {
        client.setOptions(ClientOptions.builder().protocolVersion(version).build());
        return client.connect();
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"RESP2", "RESP3"})
    void stringsCountersAndExpiries(ProtocolVersion version) {
        try (StatefulRedisConnection<String, String> connection = connect(version)) {
            RedisCommands<String, String> redis = connection.sync();
            assertThat(redis.ping()).isEqualTo("PONG");
            assertThat(redis.clientGetname()).isEqualTo("lettuce-test");
            assertThat(redis.set("l:a", "1", SetArgs.Builder.ex(100))).isEqualTo("OK");
            assertThat(redis.set("l:a", "2", SetArgs.Builder.nx())).isNull();
            assertThat(redis.setGet("l:a", "3", SetArgs.Builder.keepttl())).isEqualTo("1");
            assertThat(redis.ttl("l:a")).isBetween(70L, 100L);
            assertThat(redis.expire("l:a", 50, ExpireArgs.Builder.gt())).isFalse();
            assertThat(redis.expire("l:a", 50, ExpireArgs.Builder.lt())).isTrue();
            assertThat(redis.incrby("l:a", 39)).isEqualTo(42);
            assertThat(redis.getrange("l:a", 0, 0)).isEqualTo("4");
            assertThat(redis.setrange("l:a", 1, "xyz")).isEqualTo(4);
            assertThat(redis.mget("l:a", "l:none"))
                    .containsExactly(KeyValue.just("l:a", "4xyz"), KeyValue.empty("l:none"));
            assertThat(redis.getdel("l:a")).isEqualTo("4xyz");
            assertThat(redis.exists("l:a")).isZero();
            assertThatThrownBy(() -> redis.hset("l:h", "f", "v"))
                    .isInstanceOf(RedisCommandExecutionException.class)
                    .hasMessageStartingWith("ERR unknown command 'HSET'");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"RESP2", "RESP3"})
    void theServerIsUnderstood(ProtocolVersion version) {
        try (StatefulRedisConnection<String, String> connection = connect(version)) {
            RedisCommands<String, String> redis = connection.sync();
            assertThat(redis.info()).contains("redis_version:7.2.4");
            assertThat(redis.configGet("save")).containsEntry("save", "");
            assertThat(redis.commandInfo("get", "set")).hasSize(2);
            assertThat(redis.command()).isNotEmpty();
            assertThat(redis.time()).hasSize(2);
            assertThat(redis.role()).isNotEmpty();
            assertThat(redis.dbsize()).isNotNegative();
            assertThat(redis.clientList()).contains("lib-name=Lettuce");
        }
    }

    @Test
    void commandsThatAreSentAtOnceAreAnsweredInOrder() {
        try (StatefulRedisConnection<String, String> connection = connect(ProtocolVersion.RESP3)) {
            RedisAsyncCommands<String, String> redis = connection.async();
            connection.setAutoFlushCommands(false);
            List<RedisFuture<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                counts.add(redis.incr("l:p" + i % 7));
            }
            connection.flushCommands();
            assertThat(LettuceFutures.awaitAll(Duration.ofSeconds(30), counts.toArray(RedisFuture[]::new)))
                    .isTrue();
            for (int i = 0; i < 200; i++) {
                assertThat(counts.get(i).toCompletableFuture().join()).isEqualTo(i / 7 + 1);
            }
        }
    }

    @Test
    void aScanFindsAll() {
        try (StatefulRedisConnection<String, String> connection = connect(ProtocolVersion.RESP3)) {
            RedisCommands<String, String> redis = connection.sync();
            for (int i = 0; i < 100; i++) {
                redis.set("l:s" + i, "v");
            }
            Set<String> found = new HashSet<>();
            KeyScanCursor<String> cursor =
                    redis.scan(ScanArgs.Builder.matches("l:s*").limit(20));
            found.addAll(cursor.getKeys());
            while (!cursor.isFinished()) {
                cursor = redis.scan(cursor, ScanArgs.Builder.matches("l:s*").limit(20));
                found.addAll(cursor.getKeys());
            }

            assertThat(found).hasSize(100);
            assertThat(redis.unlink(found.toArray(String[]::new))).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"RESP2", "RESP3"})
    void aTransactionIsExecutedTogetherOrNotAtAll(ProtocolVersion version) {
        try (StatefulRedisConnection<String, String> connection = connect(version);
                StatefulRedisConnection<String, String> other = connect(version)) {
            RedisCommands<String, String> redis = connection.sync();
            redis.multi();
            redis.set("{l}:a", "1");
            redis.incr("{l}:a");
            redis.get("{l}:a");
            redis.mget("{l}:a", "{l}:none");
            assertThat(redis.exec())
                    .containsExactly("OK", 2L, "2", List.of(KeyValue.just("{l}:a", "2"), KeyValue.empty("{l}:none")));

            redis.watch("{l}:a");
            other.sync().set("{l}:a", "3");
            redis.multi();
            redis.incr("{l}:a");
            assertThat(redis.exec().wasDiscarded()).isTrue();
            assertThat(redis.get("{l}:a")).isEqualTo("3");

            redis.multi();
            redis.incr("{l}:a");
            assertThat(redis.discard()).isEqualTo("OK");
            assertThat(redis.del("{l}:a", "{l}:b")).isEqualTo(1);
        }
    }
}
