package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.caskade.server.listener.redis.resp.Mutations;
import io.netty.util.ResourceLeakDetector;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// What clients really send, spoiled at random: no connection hangs, no buffer leaks, no error is a defect.
/// `-Dfuzz.seed` repeats a run, `-Dfuzz.requests` makes it longer.
class RedisFuzzTest {

    private static final long SEED = Long.getLong("fuzz.seed", new Random().nextLong());
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 2_000);

    private static final List<String> TRANSCRIPTS = List.of(
            RawRedis.command("HELLO", "3")
                    + RawRedis.command("CLIENT", "SETINFO", "lib-name", "jedis")
                    + RawRedis.command("SET", "k", "v", "EX", "100")
                    + RawRedis.command("GET", "k"),
            RawRedis.command("CONFIG", "GET", "save")
                    + RawRedis.command("SET", "key:000000000001", "xxx").repeat(16)
                    + RawRedis.command("INCR", "counter:1").repeat(4),
            "PING\r\nSET a \"b c\"\r\nGET a\r\nINFO server\r\nCOMMAND DOCS get\r\n",
            RawRedis.command("WATCH", "k")
                    + RawRedis.command("MULTI")
                    + RawRedis.command("SET", "k", "1", "EX", "100")
                    + RawRedis.command("INCR", "k")
                    + RawRedis.command("GETSET", "k", "v")
                    + RawRedis.command("PING")
                    + RawRedis.command("EXEC")
                    + RawRedis.command("MSET", "a", "1", "b", "2")
                    + RawRedis.command("RENAME", "a{1}", "b{1}"),
            RawRedis.command("SCAN", "0", "MATCH", "k*", "COUNT", "10")
                    + RawRedis.command("MGET", "a", "k", "none")
                    + RawRedis.command("DEL", "a", "k")
                    + RawRedis.command("EXPIRE", "a", "10", "NX")
                    + RawRedis.command("APPEND", "log", "line\r\n")
                    + RawRedis.command("INCRBYFLOAT", "f", "1.5")
                    + RawRedis.command("CLIENT", "LIST")
                    + RawRedis.command("CLIENT", "REPLY", "SKIP")
                    + RawRedis.command("ECHO", "\0\u00ff\r\n")
                    + RawRedis.command("QUIT"));

    @TempDir
    private static Path directory;

    private static ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
    private static RedisNode node;

    private final Random random = new Random(SEED);

    @BeforeAll
    static void start() throws Exception {
        before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        node = RedisNode.start(directory, Map.of());
    }

    @AfterAll
    static void stop() {
        node.close();
        ResourceLeakDetector.setLevel(before);
    }

    @Test
    void noInputHangsLeaksOrFails() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        root.addAppender(logged);
        try {
            for (int i = 0; i < REQUESTS; i++) {
                exchange(Mutations.of(TRANSCRIPTS.get(random.nextInt(TRANSCRIPTS.size())), random));
                if (i % 500 == 0) {
                    // Leaks are reported when their buffers are collected.
                    System.gc();
                }
            }
        } finally {
            root.detachAppender(logged);
        }
        assertThat(logged.list)
                .as("the log with -Dfuzz.seed=%d", SEED)
                .noneMatch(event -> event.getThrowableProxy() != null
                        || event.getLevel().isGreaterOrEqual(Level.ERROR)
                        || event.getFormattedMessage().contains("LEAK"));
        try (RawRedis client = node.connect()) {
            assertThat(client.ask("PING")).isEqualTo("PONG");
        }
    }

    /// The other side closes once it has read all, or before.
    private void exchange(String bytes) throws Exception {
        try (RawRedis client = node.connect()) {
            int cut = random.nextInt(bytes.length() + 1);
            client.send(bytes.substring(0, cut));
            client.send(bytes.substring(cut));
            client.socket().shutdownOutput();
            byte[] replies = client.socket().getInputStream().readAllBytes();
            assertThat(replies.length).as("-Dfuzz.seed=%d", SEED).isNotNegative();
        } catch (SocketException e) {
            // Closed while bytes were on their way: it did not like them.
            assertThat(e).as("-Dfuzz.seed=%d", SEED).hasMessageNotContaining("timed out");
        }
    }
}
