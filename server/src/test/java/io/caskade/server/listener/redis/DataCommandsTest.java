package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The commands that read and write records, as a terminal on the port shows them.
class DataCommandsTest {

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
    void aValueIsSetAndRead() throws Exception {
        check("""
                > GET k
                (nil)
                > SET k v
                OK
                > GET k
                "v"
                > set k ""
                OK
                > get k
                ""
                > STRLEN k
                (integer) 0
                > GET
                (error) ERR wrong number of arguments for 'get' command
                > SET k
                (error) ERR wrong number of arguments for 'set' command
                """);
    }

    @Test
    void setHasConditions() throws Exception {
        check("""
                > SET k a XX
                (nil)
                > SET k a NX
                OK
                > SET k b NX
                (nil)
                > SET k b XX
                OK
                > GET k
                "b"
                > SET k c NX XX
                (error) ERR syntax error
                > SETNX k c
                (integer) 0
                > SETNX other c
                (integer) 1
                > SET k c WHAT
                (error) ERR syntax error
                """);
    }

    @Test
    void setReturnsTheOldValue() throws Exception {
        check("""
                > SET k a GET
                (nil)
                > SET k b GET
                "a"
                > SET k c NX GET
                "b"
                > SET other c XX GET
                (nil)
                > GET k
                "b"
                > GETSET k d
                "b"
                > GETDEL k
                "d"
                > GETDEL k
                (nil)
                > EXISTS other
                (integer) 0
                """);
    }

    @Test
    void setHasAnExpiry() throws Exception {
        check("""
                > SET k v EX 100
                OK
                > TTL k
                (integer) 100
                > SET k w KEEPTTL
                OK
                > TTL k
                (integer) 100
                > SET k v PX 100000
                OK
                > TTL k
                (integer) 100
                > SET k v
                OK
                > TTL k
                (integer) -1
                > SET k v EXAT 33177117420
                OK
                > EXPIRETIME k
                (integer) 33177117420
                > SET k v PXAT 33177117420123
                OK
                > PEXPIRETIME k
                (integer) 33177117420123
                > SET k v PXAT 1
                OK
                > EXISTS k
                (integer) 0
                > SET k v EX 7 EX 100
                OK
                > TTL k
                (integer) 100
                > SETEX k 100 v
                OK
                > PSETEX k 100000 v
                OK
                > TTL k
                (integer) 100
                """);
    }

    @Test
    void expiriesThatAreNoneAreRefused() throws Exception {
        check("""
                > SET k v EX 0
                (error) ERR invalid expire time in 'set' command
                > SET k v EX -1
                (error) ERR invalid expire time in 'set' command
                > SET k v EX 9223372036854775807
                (error) ERR invalid expire time in 'set' command
                > SET k v PX 9223372036854775807
                (error) ERR invalid expire time in 'set' command
                > SET k v EX a
                (error) ERR value is not an integer or out of range
                > SET k v EX
                (error) ERR syntax error
                > SET k v EX 1 PX 1
                (error) ERR syntax error
                > SET k v EX 1 KEEPTTL
                (error) ERR syntax error
                > SETEX k 0 v
                (error) ERR invalid expire time in 'setex' command
                > PSETEX k -1 v
                (error) ERR invalid expire time in 'psetex' command
                > EXPIRE k 9223372036854775807
                (error) ERR invalid expire time in 'expire' command
                > EXPIRE k 9223372036854776
                (error) ERR invalid expire time in 'expire' command
                > EXPIRE k -9223372036854776
                (error) ERR invalid expire time in 'expire' command
                > PEXPIRE k 9223372036854775807
                (error) ERR invalid expire time in 'pexpire' command
                > EXPIRE k 1.5
                (error) ERR value is not an integer or out of range
                """);
    }

    @Test
    void getExSetsAnExpiry() throws Exception {
        check("""
                > GETEX k EX 100
                (nil)
                > SET k v
                OK
                > GETEX k
                "v"
                > GETEX k PERSIST
                "v"
                > GETEX k EX 100
                "v"
                > TTL k
                (integer) 100
                > GETEX k PERSIST
                "v"
                > TTL k
                (integer) -1
                > GETEX k PXAT 1
                "v"
                > EXISTS k
                (integer) 0
                > GETEX k EX 0
                (nil)
                > GETEX k EX abc
                (nil)
                > SET k v EX 0 GET EX
                (error) ERR syntax error
                > SET k v EX abc FOO
                (error) ERR syntax error
                > SET k v
                OK
                > GETEX k EX 0
                (error) ERR invalid expire time in 'getex' command
                > GETEX k EX abc
                (error) ERR value is not an integer or out of range
                > GETEX k EX 7 EX 100
                "v"
                > TTL k
                (integer) 100
                > GETEX k PERSIST PERSIST
                "v"
                > TTL k
                (integer) -1
                > GETEX k EX 7 PX 7
                (error) ERR syntax error
                > GETEX k PERSIST EX 7
                (error) ERR syntax error
                > GETEX k KEEPTTL
                (error) ERR syntax error
                """);
    }

    @Test
    void partsOfAValueAreReadAndWritten() throws Exception {
        check("""
                > SET k "This is a string"
                OK
                > GETRANGE k 0 3
                "This"
                > GETRANGE k -3 -1
                "ing"
                > SUBSTR k 0 -1
                "This is a string"
                > GETRANGE k 10 100
                "string"
                > GETRANGE k 5 3
                ""
                > GETRANGE k -1 -5
                ""
                > GETRANGE missing 0 -1
                ""
                > APPEND log hello
                (integer) 5
                > APPEND log " world"
                (integer) 11
                > GET log
                "hello world"
                > SETRANGE log 6 Redis
                (integer) 11
                > GET log
                "hello Redis"
                > SETRANGE missing 2 ""
                (integer) 0
                > EXISTS missing
                (integer) 0
                > SETRANGE gap 2 x
                (integer) 3
                > STRLEN gap
                (integer) 3
                > SETRANGE k -1 x
                (error) ERR offset is out of range
                > SETRANGE k 70000 x
                (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
                > SETRANGE k 9223372036854775807 x
                (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
                """);
    }

    @Test
    void changesOfAPartKeepTheExpiry() throws Exception {
        check("""
                > SET k 1 EX 100
                OK
                > APPEND k 0
                (integer) 2
                > INCR k
                (integer) 11
                > SETRANGE k 0 2
                (integer) 2
                > INCRBYFLOAT k 0.5
                "21.5"
                > TTL k
                (integer) 100
                """);
    }

    @Test
    void numbersAreAddedTo() throws Exception {
        check("""
                > INCR n
                (integer) 1
                > INCRBY n 41
                (integer) 42
                > DECR n
                (integer) 41
                > DECRBY n 50
                (integer) -9
                > GET n
                "-9"
                > SET n 9223372036854775807
                OK
                > INCR n
                (error) ERR increment or decrement would overflow
                > SET n a
                OK
                > INCR n
                (error) ERR value is not an integer or out of range
                > SET n " 1"
                OK
                > INCR n
                (error) ERR value is not an integer or out of range
                > INCRBY n a
                (error) ERR value is not an integer or out of range
                > DECRBY n -9223372036854775808
                (error) ERR decrement would overflow
                > INCRBYFLOAT f 3.0e3
                "3000"
                > INCRBYFLOAT f 200.25
                "3200.25"
                > INCRBYFLOAT f a
                (error) ERR value is not a valid float
                > INCRBYFLOAT n 1
                (error) ERR value is not a valid float
                > INCRBYFLOAT f inf
                (error) ERR increment would produce NaN or Infinity
                > INCRBYFLOAT n inf
                (error) ERR value is not a valid float
                """);
    }

    @Test
    void severalKeysAreReadAndRemoved() throws Exception {
        check("""
                > SET a 1
                OK
                > SET b 2
                OK
                > MGET a missing b
                ["1", (nil), "2"]
                > EXISTS a b missing a
                (integer) 3
                > TOUCH a missing
                (integer) 1
                > TYPE a
                string
                > TYPE missing
                none
                > DEL a missing a
                (integer) 1
                > UNLINK b
                (integer) 1
                > DBSIZE
                (integer) 0
                """);
    }

    @Test
    void keysExpireOnConditions() throws Exception {
        check("""
                > TTL k
                (integer) -2
                > PTTL k
                (integer) -2
                > EXPIRETIME k
                (integer) -2
                > EXPIRE k 100
                (integer) 0
                > SET k v
                OK
                > PERSIST k
                (integer) 0
                > EXPIRE k 100 XX
                (integer) 0
                > EXPIRE k 100 GT
                (integer) 0
                > EXPIRE k 100 NX
                (integer) 1
                > EXPIRE k 200 NX
                (integer) 0
                > EXPIRE k 50 GT
                (integer) 0
                > EXPIRE k 200 GT
                (integer) 1
                > EXPIRE k 300 LT
                (integer) 0
                > EXPIRE k 100 LT
                (integer) 1
                > EXPIRE k 150 XX GT
                (integer) 1
                > TTL k
                (integer) 150
                > EXPIREAT k 33177117420
                (integer) 1
                > EXPIRETIME k
                (integer) 33177117420
                > PEXPIREAT k 33177117420999 GT
                (integer) 1
                > PEXPIRETIME k
                (integer) 33177117420999
                > PERSIST k
                (integer) 1
                > TTL k
                (integer) -1
                > EXPIRE k 100 LT
                (integer) 1
                > EXPIRE k 1 NX XX
                (error) ERR NX and XX, GT or LT options at the same time are not compatible
                > EXPIRE k 1 GT LT
                (error) ERR GT and LT options at the same time are not compatible
                > EXPIRE k 1 AB
                (error) ERR Unsupported option AB
                > EXPIRE k -1
                (integer) 1
                > EXISTS k
                (integer) 0
                > SET k v
                OK
                > PEXPIREAT k 1 LT
                (integer) 1
                > EXISTS k
                (integer) 0
                """);
    }

    @Test
    void allKeysAreListedOnce() throws Exception {
        List<String> keys = IntStream.range(0, 500).mapToObj(i -> "key:" + i).toList();
        StringBuilder sets = new StringBuilder();
        keys.forEach(key -> sets.append(RawRedis.command("SET", key, "v")));
        redis.send(sets.toString());
        for (String key : keys) {
            assertThat(redis.read()).as(key).isEqualTo("OK");
        }
        assertThat(redis.ask("DBSIZE")).isEqualTo("(integer) 500");

        assertThat(scan("")).hasSameElementsAs(keys);
        assertThat(scan("COUNT 7")).hasSameElementsAs(keys);
        assertThat(scan("MATCH key:1? COUNT 1000")).hasSize(10);
        assertThat(scan("TYPE string COUNT 100")).hasSameElementsAs(keys);
        assertThat(scan("TYPE hash COUNT 100")).isEmpty();
        assertThat(redis.ask("KEYS key:42")).isEqualTo("[\"key:42\"]");
        assertThat(redis.ask("RANDOMKEY")).startsWith("\"key:");
        StringBuilder dels = new StringBuilder("DEL");
        keys.forEach(key -> dels.append(' ').append(key));
        assertThat(redis.ask(dels.toString())).isEqualTo("(integer) 500");
        assertThat(redis.ask("RANDOMKEY")).isEqualTo("(nil)");
    }

    private Set<String> scan(String options) throws Exception {
        Set<String> found = new HashSet<>();
        String cursor = "0";
        do {
            String reply = redis.ask("SCAN " + cursor + " " + options);
            List<String> parts =
                    new ArrayList<>(List.of(reply.replaceAll("[\\[\\]\" ]", "").split(",")));
            cursor = parts.removeFirst();
            parts.remove("");
            found.addAll(parts);
            assertThat(Long.parseLong(cursor)).isLessThan(1L << 53);
        } while (!cursor.equals("0"));
        return found;
    }

    @Test
    void aScanIsRefusedThatMakesNoSense() throws Exception {
        check("""
                > SCAN a
                (error) ERR invalid cursor
                > SCAN -1
                ["0", []]
                > SCAN 0 COUNT 0
                (error) ERR syntax error
                > SCAN 0 COUNT a
                (error) ERR value is not an integer or out of range
                > SCAN 0 MATCH
                (error) ERR syntax error
                """);
    }

    @Test
    void valuesAndKeysHaveLimits() throws Exception {
        String largest = "v".repeat(RedisNode.MAX_VALUE_BYTES);

        assertThat(redis.command(List.of("SET", "large", largest))).isEqualTo("OK");
        assertThat(redis.ask("GET large")).isEqualTo('"' + largest + '"');
        assertThat(redis.ask("APPEND large x"))
                .isEqualTo("(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)");
        assertThat(redis.command(List.of("SET", "larger", largest + "v")))
                .startsWith("(error) ERR a value of 65537 bytes; storage.max-value-size is 65536 bytes");
        assertThat(redis.command(List.of("GET", ""))).startsWith("(error) ERR a key of 0 bytes");
    }

    @Test
    void aCommandMayNameThousandsOfKeys() throws Exception {
        redis.ask("SET many:1 a");
        redis.ask("SET many:4999 b");
        List<String> names =
                IntStream.range(0, 5_000).mapToObj(i -> "many:" + i).toList();
        List<String> mget = new ArrayList<>(names);
        mget.addFirst("MGET");
        List<String> del = new ArrayList<>(names);
        del.addFirst("DEL");

        String found = redis.command(mget);

        assertThat(found).startsWith("[(nil), \"a\", (nil)").endsWith("(nil), \"b\"]");
        assertThat(found.split(",", -1)).hasSize(5_000);
        assertThat(redis.command(del)).isEqualTo("(integer) 2");
    }

    @Test
    void aPipelineIsAnsweredInOrder() throws Exception {
        redis.send(
                "SET p 1\r\nGET p\r\nINCR p\r\nPING\r\nAPPEND p 0\r\nGET q\r\nGET p\r\nNOSUCH\r\nDEL p\r\nGET p\r\n");

        List<String> replies = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            replies.add(redis.read());
        }
        assertThat(replies)
                .containsExactly(
                        "OK",
                        "\"1\"",
                        "(integer) 2",
                        "PONG",
                        "(integer) 2",
                        "(nil)",
                        "\"20\"",
                        "(error) ERR unknown command 'NOSUCH', with args beginning with: ",
                        "(integer) 1",
                        "(nil)");
    }

    @Test
    void aLongPipelineOfReadsIsAnswered() throws Exception {
        StringBuilder pipeline = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            pipeline.append("GET p\r\n");
        }
        redis.ask("SET p 1");
        redis.send(pipeline.toString());
        for (int i = 0; i < 20_000; i++) {
            assertThat(redis.read()).isEqualTo("\"1\"");
        }
    }
}
