package io.caskade.server.listener.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Transactions, as a terminal on the port shows them. Keys with the same tag are in one partition; `foo` and
/// `bar` are not.
class TransactionTest {

    @RegisterExtension
    private static final RedisNodeExtension NODE = new RedisNodeExtension();

    private RawRedis redis;
    private RawRedis other;

    @BeforeEach
    void connect() throws Exception {
        redis = NODE.redis();
        other = NODE.connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        other.close();
    }

    private void check(String transcript) throws Exception {
        NODE.check(transcript);
    }

    @Nested
    class Queueing {

        @Test
        void commandsAreQueuedAndExecutedTogether() throws Exception {
            check("""
                    > MULTI
                    OK
                    > SET a{t} 1
                    QUEUED
                    > INCR a{t}
                    QUEUED
                    > GET a{t}
                    QUEUED
                    > SET b{t} text EX 100
                    QUEUED
                    > TTL b{t}
                    QUEUED
                    > PING
                    QUEUED
                    > EXEC
                    [OK, (integer) 2, "2", OK, (integer) 100, PONG]
                    > GET b{t}
                    "text"
                    """);
        }

        @Test
        void nothingIsDoneBeforeExec() throws Exception {
            check("""
                    > MULTI
                    OK
                    > SET a 1
                    QUEUED
                    """);
            assertThat(other.ask("GET a")).isEqualTo("(nil)");
            check("""
                    > DISCARD
                    OK
                    > GET a
                    (nil)
                    """);
        }

        @Test
        void anEmptyTransactionHasNoReplies() throws Exception {
            check("""
                    > MULTI
                    OK
                    > EXEC
                    []
                    """);
        }

        @Test
        void whatIsOutOfPlaceIsRefusedAndChangesNothing() throws Exception {
            check("""
                    > EXEC
                    (error) ERR EXEC without MULTI
                    > DISCARD
                    (error) ERR DISCARD without MULTI
                    > UNWATCH
                    OK
                    > MULTI
                    OK
                    > MULTI
                    (error) ERR MULTI calls can not be nested
                    > WATCH a
                    (error) ERR WATCH inside MULTI is not allowed
                    > SET a 1
                    QUEUED
                    > EXEC
                    [OK]
                    """);
        }

        @Test
        void aCommandThatCannotBeQueuedMakesExecFail() throws Exception {
            for (String wrong : List.of("WHAT", "GET", "CLIENT WHAT", "DISCARD now")) {
                check("""
                        > MULTI
                        OK
                        > SET a 1
                        QUEUED
                        """);
                assertThat(redis.ask(wrong)).as(wrong).startsWith("(error) ERR");
                check("""
                        > SET a 2
                        QUEUED
                        > EXEC
                        (error) EXECABORT Transaction discarded because of previous errors.
                        > GET a
                        (nil)
                        > PING
                        PONG
                        """);
            }
        }

        @Test
        void anExecWithArgumentsEndsTheTransaction() throws Exception {
            check("""
                    > MULTI
                    OK
                    > SET a 1
                    QUEUED
                    > EXEC now
                    (error) EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command
                    > GET a
                    (nil)
                    > EXEC
                    (error) ERR EXEC without MULTI
                    """);
        }

        @Test
        void aCommandThatFailsDoesNotStopTheOthers() throws Exception {
            check("""
                    > SET a{t} text
                    OK
                    > MULTI
                    OK
                    > SET b{t} 1
                    QUEUED
                    > INCR a{t}
                    QUEUED
                    > SET c{t} 1 EX 0
                    QUEUED
                    > INCRBYFLOAT a{t} 1
                    QUEUED
                    > INCR b{t}
                    QUEUED
                    > EXEC
                    [OK, (error) ERR value is not an integer or out of range, (error) ERR invalid expire time in \
                    'set' command, (error) ERR value is not a valid float, (integer) 2]
                    > GET b{t}
                    "2"
                    """);
        }

        @Test
        void resetAndTheEndOfTheConnectionDropTheTransaction() throws Exception {
            check("""
                    > MULTI
                    OK
                    > SET a 1
                    QUEUED
                    > RESET
                    RESET
                    > EXEC
                    (error) ERR EXEC without MULTI
                    > MULTI
                    OK
                    > SET a 1
                    QUEUED
                    > QUIT
                    OK
                    """);
            assertThat(redis.isClosed()).isTrue();
            assertThat(other.ask("GET a")).isEqualTo("(nil)");
        }

        @Test
        void theListOfClientsShowsIt() throws Exception {
            check("""
                    > MULTI
                    OK
                    > PING
                    QUEUED
                    """);
            assertThat(other.ask("CLIENT LIST")).contains("flags=x ").contains(" multi=1 ");
        }

        @Test
        void thereAreOnlySoManyCommands() throws Exception {
            assertThat(redis.ask("MULTI")).isEqualTo("OK");
            redis.send("PING\r\n".repeat(10_001));
            for (int i = 0; i < 10_000; i++) {
                assertThat(redis.read()).isEqualTo("QUEUED");
            }
            assertThat(redis.read()).isEqualTo("(error) ERR a transaction has up to 10000 commands");
            assertThat(redis.ask("EXEC")).startsWith("(error) EXECABORT");
        }

        @Test
        void theyTakeOnlySoManyBytes() throws Exception {
            String large = "v".repeat(RedisNode.MAX_VALUE_BYTES);
            assertThat(redis.ask("MULTI")).isEqualTo("OK");
            String reply = "QUEUED";
            for (int i = 0; i < 20 && reply.equals("QUEUED"); i++) {
                reply = redis.command(List.of("SET", "k" + i + "{t}", large));
            }
            assertThat(reply).isEqualTo("(error) ERR the commands of a transaction take up to 1048576 bytes");
            assertThat(redis.ask("EXEC")).startsWith("(error) EXECABORT");
            assertThat(redis.ask("GET k0{t}")).isEqualTo("(nil)");
        }

        @Test
        void allKeysMustBeInOnePartition() throws Exception {
            check("""
                    > MULTI
                    OK
                    > SET foo 1
                    QUEUED
                    > SET bar 1
                    QUEUED
                    > EXEC
                    (error) CROSSSLOT Keys in request don't hash to the same slot
                    > MGET foo bar
                    [(nil), (nil)]
                    > EXEC
                    (error) ERR EXEC without MULTI
                    > MULTI
                    OK
                    > MGET foo bar
                    (error) CROSSSLOT Keys in request don't hash to the same slot
                    > EXEC
                    (error) EXECABORT Transaction discarded because of previous errors.
                    > WATCH foo bar
                    (error) CROSSSLOT Keys in request don't hash to the same slot
                    > WATCH foo
                    OK
                    > WATCH bar
                    (error) CROSSSLOT Keys in request don't hash to the same slot
                    > MULTI
                    OK
                    > SET bar 1
                    QUEUED
                    > EXEC
                    (error) CROSSSLOT Keys in request don't hash to the same slot
                    > MULTI
                    OK
                    > SET bar 1
                    QUEUED
                    > EXEC
                    [OK]
                    """);
        }

        @Test
        void aWholeTransactionMayComeAtOnce() throws Exception {
            redis.send("SET a{t} 1\r\nMULTI\r\nINCR a{t}\r\nGET a{t}\r\nEXEC\r\nGET a{t}\r\n".repeat(50));
            for (int i = 0; i < 50; i++) {
                assertThat(redis.read()).isEqualTo("OK");
                assertThat(redis.read()).isEqualTo("OK");
                assertThat(redis.read()).isEqualTo("QUEUED");
                assertThat(redis.read()).isEqualTo("QUEUED");
                assertThat(redis.read()).isEqualTo("[(integer) 2, \"2\"]");
                assertThat(redis.read()).isEqualTo("\"2\"");
            }
        }
    }

    @Nested
    class Executing {

        @Test
        void eachCommandSeesWhatThoseBeforeItDid() throws Exception {
            check("""
                    > SET s{t} abc EXAT 33177117420
                    OK
                    > MULTI
                    OK
                    > APPEND s{t} def
                    QUEUED
                    > SETRANGE s{t} 1 XX
                    QUEUED
                    > GETRANGE s{t} 0 -2
                    QUEUED
                    > STRLEN s{t}
                    QUEUED
                    > EXPIRETIME s{t}
                    QUEUED
                    > PERSIST s{t}
                    QUEUED
                    > TTL s{t}
                    QUEUED
                    > GETDEL s{t}
                    QUEUED
                    > EXISTS s{t}
                    QUEUED
                    > SETNX s{t} new
                    QUEUED
                    > SET s{t} newer GET
                    QUEUED
                    > TYPE s{t}
                    QUEUED
                    > EXEC
                    [(integer) 6, (integer) 6, "aXXde", (integer) 6, (integer) 33177117420, (integer) 1, (integer) -1, \
                    "aXXdef", (integer) 0, (integer) 1, "new", string]
                    > GET s{t}
                    "newer"
                    """);
        }

        @Test
        void whatTheLeaderDecidesIsSeenToo() throws Exception {
            check("""
                    > MULTI
                    OK
                    > INCRBY n{t} 5
                    QUEUED
                    > DECR n{t}
                    QUEUED
                    > GET n{t}
                    QUEUED
                    > INCRBYFLOAT n{t} 0.5
                    QUEUED
                    > INCR n{t}
                    QUEUED
                    > EXPIRE n{t} 100
                    QUEUED
                    > TTL n{t}
                    QUEUED
                    > DEL n{t}
                    QUEUED
                    > INCR n{t}
                    QUEUED
                    > TTL n{t}
                    QUEUED
                    > EXPIRE n{t} -1
                    QUEUED
                    > GET n{t}
                    QUEUED
                    > EXEC
                    [(integer) 5, (integer) 4, "4", "4.5", (error) ERR value is not an integer or out of range, \
                    (integer) 1, (integer) 100, (integer) 1, (integer) 1, (integer) -1, (integer) 1, (nil)]
                    """);
        }

        @Test
        void commandsWithSeveralKeysWork() throws Exception {
            check("""
                    > MULTI
                    OK
                    > MSET a{t} 1 b{t} 2
                    QUEUED
                    > MGET a{t} b{t} c{t}
                    QUEUED
                    > MSETNX b{t} 3 c{t} 3
                    QUEUED
                    > MSETNX c{t} 3 d{t} 4
                    QUEUED
                    > RENAME a{t} e{t}
                    QUEUED
                    > RENAMENX e{t} d{t}
                    QUEUED
                    > COPY d{t} f{t}
                    QUEUED
                    > EXISTS a{t} b{t} c{t} d{t} e{t} f{t}
                    QUEUED
                    > DEL a{t} b{t} b{t} c{t}
                    QUEUED
                    > RENAME a{t} b{t}
                    QUEUED
                    > EXEC
                    [OK, ["1", "2", (nil)], (integer) 0, (integer) 1, OK, (integer) 0, (integer) 1, (integer) 5, \
                    (integer) 2, (error) ERR no such key]
                    > MGET d{t} e{t} f{t}
                    ["4", "1", "4"]
                    """);
        }

        @Test
        void bitsAndPayloadsWork() throws Exception {
            check("""
                    > SET a{t} abc
                    OK
                    > MULTI
                    OK
                    > SETBIT a{t} 7 0
                    QUEUED
                    > GETBIT a{t} 7
                    QUEUED
                    > BITCOUNT a{t}
                    QUEUED
                    > BITOP NOT b{t} a{t}
                    QUEUED
                    > BITFIELD b{t} INCRBY u8 0 1
                    QUEUED
                    > LCS a{t} b{t} LEN
                    QUEUED
                    > OBJECT ENCODING a{t}
                    QUEUED
                    > EXEC
                    [(integer) 1, (integer) 0, (integer) 9, (integer) 3, [(integer) 160], (integer) 0, "embstr"]
                    > GET a{t}
                    "`bc"
                    """);
        }

        @Test
        void commandsWithoutKeysComeLast() throws Exception {
            check("""
                    > MULTI
                    OK
                    > KEYS *{t}
                    QUEUED
                    > SET a{t} 1
                    QUEUED
                    > ECHO hello
                    QUEUED
                    > CLIENT SETNAME me
                    QUEUED
                    > SELECT 1
                    QUEUED
                    > UNWATCH
                    QUEUED
                    > EXEC
                    [["a{t}"], OK, "hello", OK, (error) ERR DB index is out of range, OK]
                    > CLIENT GETNAME
                    "me"
                    """);
        }

        @Test
        void aReplyIsNeverMissing() throws Exception {
            check("""
                    > MULTI
                    OK
                    > PING
                    QUEUED
                    > CLIENT REPLY SKIP
                    QUEUED
                    > EXEC
                    [PONG, (nil)]
                    """);
        }

        @Test
        void itIsOneBatchOfTheLog() throws Exception {
            assertThat(other.ask("SET x{t} 0")).isEqualTo("OK");
            assertThat(other.ask("SET y{t} 0")).isEqualTo("OK");
            try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
                List<Future<?>> writers = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    writers.add(threads.submit(writer()));
                }
                Future<Integer> differing = threads.submit(() -> {
                    int unequal = 0;
                    while (!writers.stream().allMatch(Future::isDone)) {
                        unequal += seesDifference() ? 1 : 0;
                    }
                    return unequal;
                });
                assertThat(differing.get()).isZero();
                for (Future<?> writer : writers) {
                    writer.get();
                }
            }
            assertThat(other.ask("MGET x{t} y{t}")).isEqualTo("[\"200\", \"200\"]");
        }

        /// Adds to both, the second time by what it has read.
        private Callable<Void> writer() {
            return () -> {
                try (RawRedis connection = NODE.connect()) {
                    for (int i = 0; i < 100; i++) {
                        connection.send("MULTI\r\nINCR x{t}\r\nINCRBYFLOAT y{t} 1\r\nEXEC\r\n");
                        for (int reply = 0; reply < 3; reply++) {
                            connection.read();
                        }
                        assertThat(connection.read()).matches("\\[\\(integer\\) (\\d+), \"\\1\"]");
                    }
                }
                return null;
            };
        }

        private boolean seesDifference() throws Exception {
            redis.send("MULTI\r\nGET x{t}\r\nGET y{t}\r\nEXEC\r\n");
            for (int reply = 0; reply < 3; reply++) {
                redis.read();
            }
            String both = redis.read();
            return !both.matches("\\[\"(\\d+)\", \"\\1\"]") && !both.startsWith("(error) TRYAGAIN");
        }
    }

    @Nested
    class Watching {

        @Test
        void aKeyThatIsNotChangedStopsNothing() throws Exception {
            check("""
                    > SET a{t} 1
                    OK
                    > WATCH a{t} none{t}
                    OK
                    > MULTI
                    OK
                    > INCR a{t}
                    QUEUED
                    > EXEC
                    [(integer) 2]
                    """);
        }

        @Test
        void aKeyThatWasChangedStopsAll() throws Exception {
            for (String change :
                    List.of("SET a{t} 1", "APPEND a{t} 1", "EXPIRE a{t} 100", "DEL a{t}", "RENAME a{t} b{t}")) {
                assertThat(other.ask("SET a{t} 1")).isEqualTo("OK");
                assertThat(redis.ask("WATCH none{t} a{t}")).isEqualTo("OK");
                assertThat(other.ask(change)).as(change).doesNotContain("error");
                check("""
                        > MULTI
                        OK
                        > SET c{t} 1
                        QUEUED
                        > PING
                        QUEUED
                        > EXEC
                        (nil)
                        > GET c{t}
                        (nil)
                        """);
            }
        }

        @Test
        void aKeyThatIsCreatedStopsAll() throws Exception {
            assertThat(redis.ask("WATCH a")).isEqualTo("OK");
            assertThat(other.ask("SET a 1")).isEqualTo("OK");
            check("""
                    > MULTI
                    OK
                    > EXEC
                    (nil)
                    """);
        }

        @Test
        void theClientsOwnChangesCount() throws Exception {
            check("""
                    > WATCH a
                    OK
                    > SET a 1
                    OK
                    > MULTI
                    OK
                    > GET a
                    QUEUED
                    > EXEC
                    (nil)
                    """);
        }

        @Test
        void aKeyThatExpiresStopsAllUnlessItHadExpiredBefore() throws Exception {
            do {
                redis.ask("UNWATCH");
                redis.ask("SET a 1 PX 200");
                redis.ask("WATCH a");
            } while (redis.ask("EXISTS a").equals("(integer) 0"));
            await().until(() -> other.ask("EXISTS a").equals("(integer) 0"));
            check("""
                    > MULTI
                    OK
                    > PING
                    QUEUED
                    > EXEC
                    (nil)
                    > WATCH a
                    OK
                    > EXISTS a
                    (integer) 0
                    > MULTI
                    OK
                    > PING
                    QUEUED
                    > EXEC
                    [PONG]
                    """);
        }

        @Test
        void nothingIsWatchedAfterExecDiscardAndUnwatch() throws Exception {
            for (String end : List.of("MULTI EXEC", "MULTI DISCARD", "UNWATCH", "RESET", "MULTI WHAT EXEC")) {
                assertThat(redis.ask("WATCH a")).isEqualTo("OK");
                assertThat(other.ask("SET a 1")).isEqualTo("OK");
                for (String word : end.split(" ", -1)) {
                    redis.ask(word);
                }
                assertThat(redis.ask("MULTI")).isEqualTo("OK");
                assertThat(redis.ask("INCR a")).isEqualTo("QUEUED");
                assertThat(redis.ask("EXEC")).as(end).isEqualTo("[(integer) 2]");
            }
        }

        @Test
        void theFirstWatchOfAKeyCounts() throws Exception {
            assertThat(redis.ask("WATCH a")).isEqualTo("OK");
            assertThat(other.ask("SET a 1")).isEqualTo("OK");
            check("""
                    > WATCH a
                    OK
                    > MULTI
                    OK
                    > PING
                    QUEUED
                    > EXEC
                    (nil)
                    """);
        }

        @Test
        void errorsComeBeforeChanges() throws Exception {
            assertThat(redis.ask("WATCH a")).isEqualTo("OK");
            assertThat(other.ask("SET a 1")).isEqualTo("OK");
            check("""
                    > MULTI
                    OK
                    > WHAT
                    (error) ERR unknown command 'WHAT', with args beginning with:\s
                    > EXEC
                    (error) EXECABORT Transaction discarded because of previous errors.
                    """);
        }

        /// As clients without scripts do it.
        @Test
        void manyClientsAddByWatching() throws Exception {
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    all.add(threads.submit(() -> {
                        try (RawRedis connection = NODE.connect()) {
                            for (int added = 0; added < 25; ) {
                                added += addsByWatching(connection) ? 1 : 0;
                            }
                        }
                        return null;
                    }));
                }
                for (Future<?> each : all) {
                    each.get();
                }
            }
            assertThat(redis.ask("GET n")).isEqualTo("\"100\"");
        }

        private static boolean addsByWatching(RawRedis connection) throws Exception {
            connection.ask("WATCH n");
            String value = connection.ask("GET n").replaceAll("[^0-9]", "");
            long next = value.isEmpty() ? 1 : Long.parseLong(value) + 1;
            connection.ask("MULTI");
            connection.ask("SET n " + next);
            return connection.ask("EXEC").equals("[OK]");
        }

        @Test
        void theNullOfResp3IsOneByte() throws Exception {
            redis.ask("HELLO 3");
            assertThat(redis.ask("WATCH a")).isEqualTo("OK");
            assertThat(other.ask("SET a 1")).isEqualTo("OK");
            assertThat(redis.ask("MULTI")).isEqualTo("OK");
            redis.send("EXEC\r\n");

            assertThat(new String(redis.socket().getInputStream().readNBytes(3), ISO_8859_1))
                    .isEqualTo("_\r\n");
        }
    }
}
