package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
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
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.GetExParams;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/// Jedis against a node, as it is.
class JedisTest {

    @TempDir
    private static Path directory;

    private static RedisNode node;

    @BeforeAll
    static void start() throws Exception {
        node = RedisNode.start(directory, Map.of());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static Jedis connect(RedisProtocol protocol) {
        return new Jedis(
                new HostAndPort("127.0.0.1", node.port()),
                DefaultJedisClientConfig.builder()
                        .protocol(protocol)
                        .clientName("jedis-test")
                        .build());
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void stringsCountersAndExpiries(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol)) {
            assertThat(jedis.ping()).isEqualTo("PONG");
            assertThat(jedis.clientGetname()).isEqualTo("jedis-test");
            assertThat(jedis.clientInfo())
                    .contains("lib-name=jedis", "resp=" + (protocol == RedisProtocol.RESP3 ? 3 : 2));
            assertThat(jedis.set("j:a", "1")).isEqualTo("OK");
            assertThat(jedis.get("j:a")).isEqualTo("1");
            assertThat(jedis.get("j:none")).isNull();
            assertThat(jedis.set("j:a", "2", SetParams.setParams().nx())).isNull();
            assertThat(jedis.set("j:a", "2", SetParams.setParams().xx().ex(100)))
                    .isEqualTo("OK");
            assertThat(jedis.ttl("j:a")).isBetween(70L, 100L);
            assertThat(jedis.setGet("j:a", "3", SetParams.setParams().keepTtl()))
                    .isEqualTo("2");
            assertThat(jedis.getEx("j:a", GetExParams.getExParams().persist())).isEqualTo("3");
            assertThat(jedis.ttl("j:a")).isEqualTo(-1);
            assertThat(jedis.incrBy("j:a", 39)).isEqualTo(42);
            assertThat(jedis.incrByFloat("j:f", 0.5)).isEqualTo(0.5);
            assertThat(jedis.append("j:a", "!")).isEqualTo(3);
            assertThat(jedis.strlen("j:a")).isEqualTo(3);
            assertThat(jedis.mget("j:a", "j:none", "j:f")).containsExactly("42!", null, "0.5");
            assertThat(jedis.expire("j:a", 10)).isEqualTo(1);
            assertThat(jedis.persist("j:a")).isEqualTo(1);
            assertThat(jedis.type("j:a")).isEqualTo("string");
            assertThat(jedis.exists("j:a", "j:f", "j:none")).isEqualTo(2);
            assertThatThrownBy(() -> jedis.incr("j:a"))
                    .isInstanceOf(JedisDataException.class)
                    .hasMessage("ERR value is not an integer or out of range");
            assertThatThrownBy(() -> jedis.lpush("j:list", "a"))
                    .isInstanceOf(JedisDataException.class)
                    .hasMessageStartingWith("ERR unknown command 'LPUSH'");
            assertThat(jedis.del("j:a", "j:f")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void theServerIsUnderstood(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol)) {
            assertThat(jedis.info("server")).contains("redis_version:7.2.4");
            assertThat(jedis.configGet("maxmemory*")).containsEntry("maxmemory-policy", "noeviction");
            assertThat(jedis.commandDocs("get"))
                    .hasEntrySatisfying(
                            "get", docs -> assertThat(docs.getSummary()).isEqualTo("Returns a key's value."));
            assertThat(jedis.commandInfo("mget"))
                    .hasEntrySatisfying(
                            "mget", info -> assertThat(info.getArity()).isEqualTo(-2));
            assertThat(jedis.commandGetKeys("MGET", "a", "b")).containsExactly("a", "b");
            assertThat(jedis.commandCount()).isPositive();
            assertThat(jedis.time()).hasSize(2);
            assertThat(jedis.role()).startsWith("master");
            jedis.configSet("slowlog-log-slower-than", "0");
            assertThat(jedis.slowlogGet(1))
                    .singleElement()
                    .satisfies(slow -> assertThat(slow.getArgs())
                            .containsExactly("CONFIG", "SET", "slowlog-log-slower-than", "0"));
            jedis.configSet("slowlog-log-slower-than", "-1");
            assertThat(jedis.aclWhoAmI()).isEqualTo("default");
            assertThat(jedis.clientList()).contains("name=jedis-test");
        }
    }

    @Test
    void aPipelineIsAnsweredInOrder() {
        try (Jedis jedis = connect(RedisProtocol.RESP3)) {
            List<Response<Long>> counts = new ArrayList<>();
            Pipeline pipeline = jedis.pipelined();
            for (int i = 0; i < 200; i++) {
                counts.add(pipeline.incr("j:p" + i % 7));
            }
            pipeline.sync();
            for (int i = 0; i < 200; i++) {
                assertThat(counts.get(i).get()).isEqualTo(i / 7 + 1);
            }
            for (int i = 0; i < 7; i++) {
                jedis.del("j:p" + i);
            }
        }
    }

    @Test
    void aScanFindsAll() {
        try (Jedis jedis = connect(RedisProtocol.RESP2)) {
            for (int i = 0; i < 100; i++) {
                jedis.set("j:s" + i, "v");
            }
            Set<String> found = new HashSet<>();
            String cursor = ScanParams.SCAN_POINTER_START;
            do {
                ScanResult<String> page =
                        jedis.scan(cursor, new ScanParams().match("j:s*").count(20));
                found.addAll(page.getResult());
                cursor = page.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));

            assertThat(found).hasSize(100);
            assertThat(jedis.keys("j:s*")).hasSize(100);
            assertThat(jedis.del(found.toArray(String[]::new))).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void aTransactionIsExecutedTogether(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol)) {
            Transaction transaction = jedis.multi();
            transaction.incr("{j}:t");
            transaction.hset("{j}:h", "f", "v");
            assertThatThrownBy(transaction::exec)
                    .isInstanceOf(JedisDataException.class)
                    .hasMessageStartingWith("EXECABORT");
            assertThat(jedis.exists("{j}:t")).isFalse();

            transaction = jedis.multi();
            Response<Long> count = transaction.incr("{j}:t");
            Response<String> value = transaction.get("{j}:t");
            transaction.mset("{j}:u", "1", "{j}:v", "2");
            transaction.rename("{j}:v", "{j}:w");
            assertThat(transaction.exec()).containsExactly(1L, "1", "OK", "OK");
            assertThat(count.get()).isEqualTo(1);
            assertThat(value.get()).isEqualTo("1");
            assertThat(jedis.mget("{j}:u", "{j}:v", "{j}:w")).containsExactly("1", null, "2");
            assertThat(jedis.del("{j}:t", "{j}:u", "{j}:v", "{j}:w")).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = RedisProtocol.class,
            names = {"RESP2", "RESP3"})
    void aTransactionIsDroppedWhenAWatchedKeyHasChanged(RedisProtocol protocol) {
        try (Jedis jedis = connect(protocol);
                Jedis other = connect(protocol)) {
            jedis.watch("{j}:watched");
            other.set("{j}:watched", "1");
            Transaction transaction = jedis.multi();
            transaction.set("{j}:watched", "2");
            assertThat(transaction.exec()).isNull();

            jedis.watch("{j}:watched");
            transaction = jedis.multi();
            transaction.incr("{j}:watched");
            assertThat(transaction.exec()).containsExactly(2L);

            transaction = jedis.multi();
            transaction.del("{j}:watched");
            assertThat(transaction.discard()).isEqualTo("OK");
            assertThat(jedis.del("{j}:watched")).isEqualTo(1);
        }
    }
}
