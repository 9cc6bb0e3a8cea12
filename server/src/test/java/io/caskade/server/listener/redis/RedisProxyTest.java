package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two nodes, the second of which keeps no copy of anything, and answers for every key all the same.
class RedisProxyTest {

    @TempDir
    private static Path directory;

    private static RedisNode leader;
    private static RedisNode other;

    @BeforeAll
    static void start() throws Exception {
        leader = RedisNode.start(directory.resolve("1"), Map.of("CASKADE_NODE_ID", "node-1"));
        other = RedisNode.join(leader, directory.resolve("2"), "node-2");
    }

    @AfterAll
    static void stop() {
        other.close();
        leader.close();
    }

    @Test
    void theOtherNodeAnswersAsTheLeaderDoes() throws Exception {
        try (RawRedis near = leader.connect();
                RawRedis far = other.connect()) {
            Transcript.check(far, """
                    > SET a 1 EX 100
                    OK
                    > GET a
                    "1"
                    > TTL a
                    (integer) 100
                    > INCR a
                    (integer) 2
                    > APPEND a 0
                    (integer) 2
                    > SET b text
                    OK
                    > MGET a b c
                    ["20", "text", (nil)]
                    > INCR b
                    (error) ERR value is not an integer or out of range
                    > DBSIZE
                    (integer) 2
                    > KEYS a
                    ["a"]
                    """);
            assertThat(near.ask("GET a")).isEqualTo("\"20\"");
            assertThat(far.ask("DEL a b c")).isEqualTo("(integer) 2");
            assertThat(near.ask("GET a")).isEqualTo("(nil)");
            String value = "v".repeat(RedisNode.MAX_VALUE_BYTES);
            for (int i = 0; i < 8; i++) {
                assertThat(far.ask("SET large" + i + " " + value.substring(1000)))
                        .isEqualTo("OK");
                assertThat(far.ask("STRLEN large" + i)).isEqualTo("(integer) " + (value.length() - 1000));
            }
        }
    }

    @Test
    void theOtherNodeExecutesTransactionsAndBatches() throws Exception {
        try (RawRedis near = leader.connect();
                RawRedis far = other.connect()) {
            Transcript.check(far, """
                    > MSET {t}a 1 {t}b 2 elsewhere 3
                    OK
                    > WATCH {t}a
                    OK
                    > MULTI
                    OK
                    > INCR {t}a
                    QUEUED
                    > APPEND {t}b 0
                    QUEUED
                    > MGET {t}a {t}b
                    QUEUED
                    > EXEC
                    [(integer) 2, (integer) 2, ["2", "20"]]
                    > WATCH {t}a
                    OK
                    > MULTI
                    OK
                    > INCR {t}a
                    QUEUED
                    """);
            assertThat(near.ask("SET {t}a 5")).isEqualTo("OK");
            Transcript.check(far, """
                    > EXEC
                    (nil)
                    > RENAME {t}a {t}c
                    OK
                    > GET {t}c
                    "5"
                    > DEL {t}a {t}b {t}c elsewhere
                    (integer) 3
                    """);
        }
    }

    @Test
    void writesOfOneKeyThatArePassedOnTakeEffectInTheirOrder() throws Exception {
        try (RawRedis far = other.connect()) {
            far.send("SET {o}k 0\r\nINCR {o}k\r\n".repeat(20) + "GET {o}k\r\nDEL {o}k\r\n");
            for (int i = 0; i < 20; i++) {
                assertThat(far.read()).isEqualTo("OK");
                assertThat(far.read()).isEqualTo("(integer) 1");
            }
            assertThat(far.read()).isEqualTo("\"1\"");
            assertThat(far.read()).isEqualTo("(integer) 1");
        }
    }
}
