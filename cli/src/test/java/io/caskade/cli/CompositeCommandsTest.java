package io.caskade.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.WriteResponse;
import io.caskade.cli.output.ExitCode;
import io.caskade.client.FakeCluster;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands of strings that people know from Redis.
class CompositeCommandsTest {

    private FakeCluster cluster;
    private TestShell shell;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(4);
        shell = new TestShell(cluster.connectString());
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    /// Another client writes a key, so many times, each after the shell's next call.
    private void interfere(String key, String value, int times) {
        AtomicInteger left = new AtomicInteger(times);
        cluster.node().afterApplying(() -> {
            if (left.getAndDecrement() > 0) {
                PutRequest put = PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build();
                cluster.node().afterApplying(() -> {});
                cluster.node().put(put, new StreamObserver<WriteResponse>() {
                    @Override
                    public void onNext(WriteResponse written) {}

                    @Override
                    public void onError(Throwable failure) {
                        throw new AssertionError(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
            }
        });
    }

    @Nested
    class ReadingSeveralKeys {

        @Test
        void mgetPrintsALineForEachKeyThatIsEmptyWithoutARecord() {
            shell.script("set a 1\nset c \"\"\nset d 'x y'\n");

            assertThat(shell.run("mget", "a", "b", "c", "d")).isEqualTo(ExitCode.NEGATIVE);
            assertThat(shell.out()).isEqualTo("1\n\n\"\"\nx y\n");
            assertThat(shell.err()).isEqualTo("3 of 4 found\n");
        }

        @Test
        void mgetSucceedsWhenAllAreThereAndTakesAKeyTwice() {
            shell.script("mset a 1 b 2\n");

            assertThat(shell.run("mget", "b", "a", "b")).isZero();
            assertThat(shell.out()).isEqualTo("2\n1\n2\n");
            assertThat(shell.err()).isEmpty();
        }

        @Test
        void mgetPrintsRawValuesAndObjects() {
            shell.script("set a \"x\\x00\"\n");

            shell.run("--raw", "mget", "a", "b");
            assertThat(shell.out()).isEqualTo("x\0\n\n");

            shell.run("--json", "mget", "a", "b");
            assertThat(shell.out()).isEqualTo("""
                    {"key":"a","found":true,"value":"x\\u0000","version":1,"expiresAt":null}
                    {"key":"b","found":false}
                    """);
        }

        @Test
        void anOptionSaysHowCurrentTheyAre() {
            shell.script("mset a 1 read 2\n");

            assertThat(shell.run("mget", "read", "a", "READ", "eventual")).isZero();
            assertThat(shell.out()).isEqualTo("2\n1\n");
            assertThat(cluster.node().modes()).last().matches(mode -> mode.getEventual());
            assertThat(shell.run("mget", "a", "READ", "strong")).isEqualTo(ExitCode.USAGE);
        }

        @Test
        void existsCountsSeveralKeys() {
            shell.script("mset a 1 b 2\n");

            assertThat(shell.run("exists", "a", "b", "c", "a")).isEqualTo(ExitCode.NEGATIVE);
            assertThat(shell.out()).isEqualTo("3\n");
            assertThat(shell.run("exists", "a", "b")).isZero();
            assertThat(shell.out()).isEqualTo("2\n");
            shell.run("--json", "exists", "a", "c");
            assertThat(shell.out()).isEqualTo("{\"found\":1,\"keys\":2}\n");
        }
    }

    @Nested
    class WritingSeveralKeys {

        @Test
        void msetWritesAllOfThemAndTheLastValueOfAKeyThatIsNamedTwice() {
            assertThat(shell.run("mset", "a", "1", "b", "2", "a", "3")).isZero();
            assertThat(shell.out()).isEqualTo("OK\n");

            shell.run("mget", "a", "b");
            assertThat(shell.out()).isEqualTo("3\n2\n");
        }

        @Test
        void msetWritesTheKeysOfAPartitionInOneCall() {
            int before = cluster.node().calls();

            shell.run("mset", "{t}a", "1", "{t}b", "2", "{t}c", "3");

            assertThat(cluster.node().calls() - before).isEqualTo(1);
        }

        @Test
        void msetNeedsAValueForEachKey() {
            assertThat(shell.run("mset", "a", "1", "b")).isEqualTo(ExitCode.USAGE);
            assertThat(shell.err()).contains("the VALUE of b is missing; usage: mset KEY VALUE...");
            assertThat(cluster.node().record("a")).isEmpty();
        }

        @Test
        void msetPrintsAnObject() {
            shell.run("--json", "mset", "a", "1", "b", "2");
            assertThat(shell.out()).isEqualTo("{\"applied\":true,\"keys\":2}\n");
        }
    }

    @Nested
    class Appending {

        @Test
        void appendAnswersTheLength() {
            shell.script("append a hello\nappend a \" world\"\nget a\nstrlen a\n");

            assertThat(shell.out()).isEqualTo("5\n11\nhello world\n11\n");
        }

        @Test
        void appendKeepsTheTimeToLive() {
            shell.script("set a x EX 1000\nappend a y\nttl a\n");

            assertThat(shell.out()).isEqualTo("OK\n2\n1000\n");
        }

        @Test
        void nothingIsLostWhenAnotherClientIsFaster() {
            shell.run("set", "a", "1");
            interfere("a", "2", 1);

            shell.run("append", "a", "3");

            assertThat(shell.out()).isEqualTo("2\n");
            assertThat(cluster.node().record("a").orElseThrow().getValue().toStringUtf8())
                    .isEqualTo("23");
        }
    }

    @Nested
    class ReadingWithANewExpiry {

        @Test
        void getexSetsOrRemovesTheTimeToLive() {
            shell.script("set a 1\ngetex a EX 100\nttl a\ngetex a PERSIST\nttl a\ngetex a PX 5000\nttl a\ngetex a\n");

            assertThat(shell.out()).isEqualTo("OK\n1\n100\n1\n-1\n1\n5\n1\n");
        }

        @Test
        void getexTakesAMoment() {
            long moment = System.currentTimeMillis() + 1_000_000;
            shell.script("set a 1\ngetex a PXAT " + moment + "\n");
            assertThat(cluster.node().record("a").orElseThrow().getExpiresAtMs())
                    .isEqualTo(moment);

            shell.run("getex", "a", "EXAT", Long.toString(moment / 1000));
            assertThat(cluster.node().record("a").orElseThrow().getExpiresAtMs())
                    .isEqualTo(moment / 1000 * 1000);
        }

        @Test
        void getexOfTheValueThatGetsTheExpiryWhenAnotherClientIsFaster() {
            shell.run("set", "a", "old");
            interfere("a", "new", 1);

            shell.run("getex", "a", "EX", "10");

            assertThat(shell.out()).isEqualTo("new\n");
            assertThat(cluster.node().record("a").orElseThrow().getExpiresAtMs())
                    .isPositive();
        }

        @Test
        void getexOfNoRecordIsANegativeResult() {
            assertThat(shell.run("getex", "a", "EX", "10")).isEqualTo(ExitCode.NEGATIVE);
            assertThat(shell.err()).isEqualTo("record not found\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "getex a EX 0, EX", // Redis refuses it too.
        "getex a FX 1, unknown option FX",
        "getex a EX 1 PERSIST, unexpected PERSIST",
        "getex a EXAT 9223372036854775807, out of range",
        "append a, VALUE is missing",
        "keys, PATTERN is missing",
        "keys a b, unexpected b",
        "type, KEY is missing",
        "multi, begins and ends in the shell",
        "exec, begins and ends in the shell"
    })
    void wrongUsageIsExplained(String line, String problem) {
        assertThat(shell.run(line.split(" ", -1))).isEqualTo(ExitCode.USAGE);
        assertThat(shell.err()).contains(problem.equals("EX") ? "seconds must be at least 1" : problem);
    }

    @Test
    void typesAndLengthsAreThoseOfStrings() {
        shell.script("set a \u00e4\n");

        assertThat(shell.run("type", "a")).isZero();
        assertThat(shell.out()).isEqualTo("string\n");
        assertThat(shell.run("type", "b")).isEqualTo(ExitCode.NEGATIVE);
        assertThat(shell.out()).isEqualTo("none\n");
        assertThat(shell.run("strlen", "a")).isZero();
        assertThat(shell.out()).isEqualTo("2\n");
        assertThat(shell.run("strlen", "b")).isEqualTo(ExitCode.NEGATIVE);
        assertThat(shell.out()).isEqualTo("0\n");
        shell.run("--json", "strlen", "a");
        assertThat(shell.out()).isEqualTo("{\"key\":\"a\",\"found\":true,\"length\":2}\n");
        shell.run("--json", "type", "b");
        assertThat(shell.out()).isEqualTo("{\"key\":\"b\",\"type\":\"none\"}\n");
    }

    @Test
    void keysListsThoseThatMatch() {
        shell.script("mset user:1 a user:2 b user:x c other d\n");

        assertThat(shell.run("keys", "user:[0-9]")).isZero();
        assertThat(shell.out().lines()).containsExactlyInAnyOrder("user:1", "user:2");
        shell.run("keys", "*");
        assertThat(shell.out().lines()).hasSize(4);
        assertThat(shell.err()).isEmpty();
        shell.run("--json", "keys", "o*");
        assertThat(shell.out()).matches("\\{\"key\":\"other\",\"version\":\\d}\n\\{\"next\":null}\n");
    }
}
