package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The commands that write several keys. Keys with the same tag are in one partition; `foo` and `bar` are not.
class BatchCommandsTest {

    @RegisterExtension
    private static final RedisNodeExtension NODE = new RedisNodeExtension();

    private RawRedis redis;

    @BeforeEach
    void connect() {
        redis = NODE.redis();
    }

    private void check(String transcript) throws Exception {
        NODE.check(transcript);
    }

    @Test
    void manyKeysAreSetWhereverTheyAre() throws Exception {
        check("""
                > SET foo 0 EX 100
                OK
                > MSET foo 1 bar 2 foo 3 a{t} 4 b{t} 5
                OK
                > MGET foo bar a{t} b{t}
                ["3", "2", "4", "5"]
                > TTL foo
                (integer) -1
                > MSET a
                (error) ERR wrong number of arguments for 'mset' command
                > MSET a 1 b
                (error) ERR wrong number of arguments for 'mset' command
                """);
    }

    @Test
    void keysOfOnePartitionAreSetIfNoneExists() throws Exception {
        check("""
                > MSETNX a{t} 1 b{t} 2 a{t} 3
                (integer) 1
                > MSETNX b{t} 4 c{t} 5
                (integer) 0
                > MGET a{t} b{t} c{t}
                ["3", "2", (nil)]
                > MSETNX foo 1 bar 2
                (error) CROSSSLOT Keys in request don't hash to the same slot
                > EXISTS foo bar
                (integer) 0
                > MSETNX a 1 b
                (error) ERR wrong number of arguments for 'msetnx' command
                """);
    }

    @Test
    void moreThanABatchMayHaveIsRefusedAndNothingIsSet() throws Exception {
        List<String> command = new ArrayList<>(List.of("MSET", "foo", "1"));
        for (int i = 0; i <= 10_000; i++) {
            command.add("k" + i + "{t}");
            command.add("v");
        }

        assertThat(redis.command(command)).startsWith("(error) ERR a batch of 10001 checks and commands");

        List<String> large = new ArrayList<>(List.of("MSET", "foo", "1"));
        for (int i = 0; i < 17; i++) {
            large.add("k" + i + "{t}");
            large.add("v".repeat(RedisNode.MAX_VALUE_BYTES));
        }
        assertThat(redis.command(large)).startsWith("(error) ERR the records of a batch take more than");
        assertThat(redis.ask("DBSIZE")).isEqualTo("(integer) 0");
    }

    @Test
    void deletesCountTheKeysThatExisted() throws Exception {
        check("""
                > MSET foo 1 bar 2 a{t} 3 b{t} 4
                OK
                > DEL foo a{t} a{t} none{t} b{t}
                (integer) 3
                > UNLINK bar none
                (integer) 1
                > DBSIZE
                (integer) 0
                """);
    }

    @Test
    void moreKeysThanABatchMayHaveAreDeletedAllTheSame() throws Exception {
        List<String> set = new ArrayList<>(List.of("MSET"));
        List<String> delete = new ArrayList<>(List.of("DEL"));
        for (int i = 0; i < 25_000; i++) {
            delete.add("k" + i + "{t}");
            if (i % 5 == 0) {
                set.add("k" + i + "{t}");
                set.add("v");
            }
        }
        assertThat(redis.command(set)).isEqualTo("OK");

        assertThat(redis.command(delete)).isEqualTo("(integer) 5000");
    }

    @Test
    void aKeyIsRenamedWithItsExpiry() throws Exception {
        check("""
                > SET a{t} 1 EX 100
                OK
                > SET b{t} 2
                OK
                > RENAME a{t} b{t}
                OK
                > MGET a{t} b{t}
                [(nil), "1"]
                > TTL b{t}
                (integer) 100
                > RENAME a{t} b{t}
                (error) ERR no such key
                > RENAME b{t} b{t}
                OK
                > RENAME a{t} a{t}
                (error) ERR no such key
                > TTL b{t}
                (integer) 100
                > SET foo 1
                OK
                > RENAME foo bar
                (error) CROSSSLOT Keys in request don't hash to the same slot
                """);
    }

    @Test
    void aKeyIsRenamedIfTheOtherDoesNotExist() throws Exception {
        check("""
                > MSET a{t} 1 b{t} 2
                OK
                > RENAMENX a{t} b{t}
                (integer) 0
                > RENAMENX a{t} c{t}
                (integer) 1
                > MGET a{t} b{t} c{t}
                [(nil), "2", "1"]
                > RENAMENX a{t} d{t}
                (error) ERR no such key
                > RENAMENX b{t} b{t}
                (integer) 0
                > RENAMENX a{t} a{t}
                (error) ERR no such key
                """);
    }

    @Test
    void aKeyIsCopiedWithItsExpiry() throws Exception {
        check("""
                > SET a{t} 1 EX 100
                OK
                > COPY a{t} b{t}
                (integer) 1
                > TTL b{t}
                (integer) 100
                > SET a{t} 2
                OK
                > COPY a{t} b{t}
                (integer) 0
                > COPY a{t} b{t} REPLACE DB 0
                (integer) 1
                > MGET a{t} b{t}
                ["2", "2"]
                > TTL b{t}
                (integer) -1
                > COPY none{t} c{t}
                (integer) 0
                > COPY none{t} c{t} REPLACE
                (integer) 0
                > COPY a{t} a{t}
                (error) ERR source and destination objects are the same
                > COPY a{t} b{t} DB 1
                (error) ERR DB index is out of range
                > COPY a{t} b{t} DB x
                (error) ERR value is not an integer or out of range
                > COPY a{t} b{t} WHAT
                (error) ERR syntax error
                > COPY foo bar
                (error) CROSSSLOT Keys in request don't hash to the same slot
                """);
    }

    @Test
    void clientsLearnWhichArgumentsAreKeys() throws Exception {
        check("""
                > COMMAND GETKEYS MSET a 1 b 2
                ["a", "b"]
                > COMMAND GETKEYS RENAME a b
                ["a", "b"]
                > COMMAND GETKEYS WATCH a b
                ["a", "b"]
                > COMMAND GETKEYS COPY a b REPLACE
                ["a", "b"]
                """);
    }

    /// Each write is seen by those after it, and the replies come in order.
    @Test
    void writesOfOneKeyMayFollowOneAnotherInAPipeline() throws Exception {
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            commands.append("SET k ").append(i).append("\r\nINCR k\r\n");
        }
        redis.send(commands + "GET k\r\nDEL k\r\nINCR k\r\nEXPIRE k 100\r\nAPPEND k 5\r\nINCR k\r\nTTL k\r\n");

        for (int i = 0; i < 500; i++) {
            assertThat(redis.read()).isEqualTo("OK");
            assertThat(redis.read()).isEqualTo("(integer) " + (i + 1));
        }
        assertThat(redis.read()).isEqualTo("\"500\"");
        assertThat(redis.read()).isEqualTo("(integer) 1");
        assertThat(redis.read()).isEqualTo("(integer) 1");
        assertThat(redis.read()).isEqualTo("(integer) 1");
        assertThat(redis.read()).isEqualTo("(integer) 2");
        assertThat(redis.read()).isEqualTo("(integer) 16");
        assertThat(redis.read()).matches("\\(integer\\) (9\\d|100)");
    }
}
