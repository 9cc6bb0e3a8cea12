package io.caskade.cli.migration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.cli.LiveNode;
import io.caskade.cli.RedisProcess;
import io.caskade.cli.TestShell;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.redis.RedisClientConnection;
import io.caskade.cli.redis.RedisReply;
import io.caskade.cli.redis.RedisServer;
import io.caskade.settings.HostPort;
import io.caskade.testing.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `caskade import redis` and `caskade export redis`, from and to a node's own Redis protocol, and where it is
/// installed a Redis.
class RedisMigrationTest {

    private static final long FAR_AWAY = System.currentTimeMillis() + 1_000_000_007;

    @TempDir
    private static Path directory;

    private static LiveNode source;
    private static LiveNode target;

    private TestShell shell = new TestShell("");
    private TestShell other = new TestShell("");

    @BeforeAll
    static void startNodes() throws Exception {
        source = LiveNode.start(directory.resolve("source"));
        target = LiveNode.start(directory.resolve("target"));
    }

    @AfterAll
    static void stopNodes() {
        source.close();
        target.close();
    }

    @BeforeEach
    void empty() {
        shell = target.shell();
        other = source.shell();
        for (LiveNode node : new LiveNode[] {source, target}) {
            try (RedisClientConnection connection = connect(node.redis())) {
                for (RedisReply key :
                        connection.ask("KEYS", "*".getBytes(UTF_8)).several()) {
                    assertThat(connection.ask("DEL", key.bytes().toArray()).number())
                            .isEqualTo(1);
                }
            }
        }
    }

    private static RedisClientConnection connect(HostPort address) {
        return RedisClientConnection.open(RedisServer.at(address, Duration.ofSeconds(20)));
    }

    private static String ask(RedisClientConnection connection, String... words) {
        byte[][] arguments =
                Arrays.stream(words).skip(1).map(word -> word.getBytes(UTF_8)).toArray(byte[][]::new);
        var reply = connection.ask(words[0], arguments);
        return reply instanceof RedisReply.IntegerReply(long number) ? Long.toString(number) : reply.text();
    }

    private static void fill(HostPort address, int keys) {
        try (RedisClientConnection connection = connect(address)) {
            for (int i = 0; i < keys; i++) {
                ask(connection, "SET", "key:" + i, "value " + i);
            }
            ask(connection, "SET", "expiring", "later", "PXAT", Long.toString(FAR_AWAY));
            ask(connection, "SET", "empty", "");
        }
    }

    @Nested
    class FromANode {

        @Test
        void everythingIsCopiedAndCompared() {
            fill(source.redis(), 1200);

            int code = shell.run("import", "redis", "--from", source.redis().toString());

            assertThat(shell.out()).isEqualTo("copied 1202 keys, 1 with an expiry\nverified 1202 keys, 0 different\n");
            assertThat(shell.err()).isEmpty();
            assertThat(code).isZero();
            shell.run("--json", "get", "expiring");
            assertThat(shell.out()).contains("\"expiresAt\":\"" + Instant.ofEpochMilli(FAR_AWAY) + "\"");
            shell.run("get", "empty");
            assertThat(shell.out()).isEqualTo("\"\"\n");
            shell.run("--json", "get", "key:1199");
            assertThat(shell.out()).contains("\"value\":\"value 1199\"").contains("\"expiresAt\":null");
        }

        @Test
        void onlyWhatMatchesIsCopied() {
            fill(source.redis(), 20);

            assertThat(shell.run("import", "redis", "--from", source.redis().toString(), "--match", "key:1*"))
                    .isZero();

            assertThat(shell.out()).startsWith("copied 11 keys, 0 with an expiry\n");
        }

        @Test
        void jsonHasTheCountsInItsLastObject() {
            fill(source.redis(), 3);

            assertThat(shell.run(
                            "--json",
                            "import",
                            "redis",
                            "--from",
                            source.redis().toString()))
                    .isZero();

            assertThat(shell.out())
                    .isEqualTo("{\"copied\":5,\"expiring\":1,\"gone\":0,\"skipped\":{},\"verified\":5,\"different\":0,"
                            + "\"finished\":true}\n");
        }

        @Test
        void aStateFileIsGoneWhenAllIsDone() {
            fill(source.redis(), 3);
            Path state = directory.resolve("state");

            assertThat(shell.run(
                            "import",
                            "redis",
                            "--from",
                            source.redis().toString(),
                            "--rate",
                            "100000",
                            "--resume",
                            state.toString()))
                    .isZero();

            assertThat(state).doesNotExist();
        }

        @Test
        void aStateFileOfAnotherMigrationIsRefused() throws Exception {
            Path state = directory.resolve("other-state");
            Files.writeString(state, "from=Redis at 10.0.0.1:6379\nto=cluster x\nmatch=*\nphase=COPY\ncursor=7\n");

            assertThat(shell.run("import", "redis", "--from", source.redis().toString(), "--resume", state.toString()))
                    .isEqualTo(ExitCode.USAGE);

            assertThat(shell.err()).contains("is of a migration from Redis at 10.0.0.1:6379 to cluster x");
            assertThat(state).exists();
        }

        @Test
        void exportingIsTheOtherWayAround() {
            shell.script("set a 1\nset b \"\\x00\\xff\"\nset c 1 EX 1000\n");

            assertThat(shell.run("export", "redis", "--to", source.redis().toString()))
                    .isZero();

            assertThat(shell.out()).isEqualTo("copied 3 keys, 1 with an expiry\nverified 3 keys, 0 different\n");
            other.run("get", "b");
            assertThat(other.out()).isEqualTo("\"\\x00\\xff\"\n");
            other.run("ttl", "c");
            assertThat(Integer.parseInt(other.out().strip())).isBetween(900, 1000);
        }
    }

    @Test
    void aRedisThatIsNotThereIsReported() {
        HostPort nowhere = new HostPort("127.0.0.1", FreePorts.next());

        assertThat(shell.run("import", "redis", "--from", nowhere.toString())).isEqualTo(ExitCode.REFUSED);

        assertThat(shell.err())
                .startsWith("error: Redis at " + nowhere + " was not reached: ")
                .hasLineCount(1);
    }

    @Test
    void wrongUsageIsExplained() {
        assertThat(shell.run("import")).isZero();
        assertThat(shell.out()).contains("Usage: caskade import");
        assertThat(shell.run("import", "redis")).isEqualTo(ExitCode.USAGE);
        assertThat(shell.err()).contains("--from");
        assertThat(shell.run("import", "redis", "--from", "here")).isEqualTo(ExitCode.USAGE);
        assertThat(shell.err()).contains("it takes host:port, not here");
        assertThat(shell.run("export", "redis", "--to", "127.0.0.1:1", "--rate", "-1"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(shell.err()).contains("--rate takes keys a second");
        assertThat(shell.run("import", "mysql")).isEqualTo(ExitCode.USAGE);
    }

    @Nested
    class FromRedis {

        @Test
        void stringsAreCopiedAndOtherTypesAreListed() throws Exception {
            try (RedisProcess redis = RedisProcess.start(directory.resolve("types"));
                    RedisClientConnection connection = redis.connect()) {
                fill(redis.address(), 700);
                ask(connection, "RPUSH", "list:1", "a");
                ask(connection, "HSET", "hash 1", "a", "b");
                ask(connection, "SADD", "set:1", "a");
                ask(connection, "SET", "bits", "x");

                int code =
                        shell.run("import", "redis", "--from", redis.address().toString());

                assertThat(shell.out()).isEqualTo("""
                        copied 703 keys, 1 with an expiry
                        skipped 3 keys: 1 hash, 1 list, 1 set
                        verified 703 keys, 0 different
                        """);
                assertThat(shell.err().lines())
                        .containsExactlyInAnyOrder(
                                "skipped list:1: list", "skipped \"hash 1\": hash", "skipped set:1: set");
                assertThat(code).isEqualTo(ExitCode.NEGATIVE);
                shell.run("--json", "get", "expiring");
                assertThat(shell.out()).contains(Instant.ofEpochMilli(FAR_AWAY).toString());
            }
        }

        @Test
        void skippedKeysGoToAFile() throws Exception {
            try (RedisProcess redis = RedisProcess.start(directory.resolve("report"));
                    RedisClientConnection connection = redis.connect()) {
                ask(connection, "RPUSH", "list:1", "a");
                ask(connection, "SET", "large", "x".repeat(70_000));
                Path report = directory.resolve("report.txt");

                int code = shell.run(
                        "import", "redis", "--from", redis.address().toString(), "--report", report.toString());

                assertThat(code).isEqualTo(ExitCode.NEGATIVE);
                assertThat(shell.err()).isEmpty();
                assertThat(Files.readString(report).lines())
                        .hasSize(2)
                        .contains("skipped list:1: list")
                        .anyMatch(line -> line.startsWith("skipped large: refused, "));
            }
        }

        @Test
        void aServerThatKnowsNoMomentsIsAskedForWhatIsLeft() throws Exception {
            try (RedisProcess redis =
                    RedisProcess.start(directory.resolve("old"), "--rename-command", "PEXPIRETIME", "")) {
                fill(redis.address(), 3);

                assertThat(shell.run(
                                "import", "redis", "--from", redis.address().toString()))
                        .isZero();

                assertThat(shell.out()).endsWith("verified 5 keys, 0 different\n");
                shell.run("pttl", "expiring");
                assertThat(Long.parseLong(shell.out().strip()))
                        .isBetween(
                                FAR_AWAY - System.currentTimeMillis() - 1000,
                                FAR_AWAY - System.currentTimeMillis() + 1000);
            }
        }

        @Test
        void aPasswordIsTakenFromTheEnvironment() throws Exception {
            try (RedisProcess redis =
                    RedisProcess.start(directory.resolve("password"), "--requirepass", "correct horse")) {
                String address = redis.address().toString();

                assertThat(shell.run("import", "redis", "--from", address)).isEqualTo(ExitCode.REFUSED);
                assertThat(shell.err()).contains("NOAUTH");
                assertThat(shell.run("import", "redis", "--from", address, "--password", "wrong"))
                        .isEqualTo(ExitCode.REFUSED);
                assertThat(shell.err()).contains("WRONGPASS");
                assertThat(shell.with("REDISCLI_AUTH", "correct horse").run("import", "redis", "--from", address))
                        .isZero();
            }
        }

        @Test
        void exportedRecordsAreThoseOfTheCluster() throws Exception {
            try (RedisProcess redis = RedisProcess.start(directory.resolve("export"));
                    RedisClientConnection connection = redis.connect()) {
                shell.script("set a 1\nset b 2 PX 5000000\nset other 3\ngetex b PXAT " + FAR_AWAY + "\n");

                assertThat(shell.run("export", "redis", "--to", redis.address().toString(), "--match", "[ab]"))
                        .isZero();

                assertThat(shell.out()).isEqualTo("copied 2 keys, 1 with an expiry\nverified 2 keys, 0 different\n");
                assertThat(ask(connection, "DBSIZE")).isEqualTo("2");
                assertThat(ask(connection, "GET", "a")).isEqualTo("1");
                assertThat(ask(connection, "PEXPIRETIME", "b")).isEqualTo(Long.toString(FAR_AWAY));
                assertThat(ask(connection, "PEXPIRETIME", "a")).isEqualTo("-1");
            }
        }

        @Test
        void aMigrationThatWasCutOffGoesOn() throws Exception {
            Path state = directory.resolve("cut-off");
            try (RedisProcess redis = RedisProcess.start(directory.resolve("resume"))) {
                fill(redis.address(), 3000);
                Thread migrating = Thread.currentThread();
                Thread watcher = Thread.ofVirtual().start(() -> {
                    while (Files.notExists(state)) {
                        Thread.onSpinWait();
                    }
                    migrating.interrupt();
                });

                int cut = shell.run(
                        "import",
                        "redis",
                        "--from",
                        redis.address().toString(),
                        "--resume",
                        state.toString(),
                        "--rate",
                        "3000");
                watcher.join();
                Thread.interrupted();

                assertThat(cut).isEqualTo(ExitCode.INTERRUPTED);
                assertThat(shell.out()).contains("not finished");
                assertThat(shell.err()).contains("the same command goes on from here");
                assertThat(state).exists();

                int code = shell.run(
                        "import", "redis", "--from", redis.address().toString(), "--resume", state.toString());

                assertThat(shell.out()).endsWith("verified 3002 keys, 0 different\n");
                assertThat(code).isZero();
                assertThat(state).doesNotExist();
            }
        }

        @Test
        void cursorsOfAServerThatHasRestartedAreNotUsed() throws Exception {
            Path state = directory.resolve("restarted");
            try (RedisProcess redis = RedisProcess.start(directory.resolve("restart"))) {
                fill(redis.address(), 3);
                shell.run("--json", "cluster");
                String cluster = shell.out().replaceAll("(?s).*?\"cluster\":\"([^\"]+)\".*", "$1");
                Files.writeString(
                        state,
                        "from=Redis at " + redis.address() + "\nto=cluster " + cluster
                                + "\nmatch=*\ncursors=another-start\nphase=COPY\ncursor=77\nCOPIED=1000\n");

                int code = shell.run(
                        "import", "redis", "--from", redis.address().toString(), "--resume", state.toString());

                assertThat(shell.err()).contains("has restarted since, so it begins from the start");
                assertThat(shell.out()).startsWith("copied 5 keys");
                assertThat(code).isZero();
            }
        }
    }
}
