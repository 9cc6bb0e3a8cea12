package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The commands that compare values and show how they are kept, as a terminal on the port shows them.
class ValueFormatCommandsTest {

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
    void commonSubsequencesAreFound() throws Exception {
        check("""
                > SET a ohmytext
                OK
                > SET b mynewtext
                OK
                > LCS a b
                "mytext"
                > LCS a b LEN
                (integer) 6
                > LCS a b IDX
                ["matches", [[[(integer) 4, (integer) 7], [(integer) 5, (integer) 8]], [[(integer) 2, (integer) 3], [(integer) 0, (integer) 1]]], "len", (integer) 6]
                > LCS a b IDX MINMATCHLEN 4
                ["matches", [[[(integer) 4, (integer) 7], [(integer) 5, (integer) 8]]], "len", (integer) 6]
                > LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN
                ["matches", [[[(integer) 4, (integer) 7], [(integer) 5, (integer) 8], (integer) 4]], "len", (integer) 6]
                > LCS a b WITHMATCHLEN
                "mytext"
                > LCS none b
                ""
                > LCS none b LEN
                (integer) 0
                > LCS none b IDX
                ["matches", [], "len", (integer) 0]
                > LCS a b LEN IDX
                (error) ERR If you want both the length and indexes, please just use IDX.
                > LCS a b WHAT
                (error) ERR syntax error
                > LCS a b MINMATCHLEN
                (error) ERR syntax error
                > LCS a b MINMATCHLEN x
                (error) ERR value is not an integer or out of range
                > LCS a
                (error) ERR wrong number of arguments for 'lcs' command
                > COMMAND GETKEYS LCS a b
                ["a", "b"]
                """);
    }

    @Test
    void encodingsAreThoseOfRedis() throws Exception {
        check("""
                > SET o 123
                OK
                > OBJECT ENCODING o
                "int"
                > OBJECT REFCOUNT none
                (nil)
                > SET o -9223372036854775808
                OK
                > OBJECT ENCODING o
                "int"
                > SET o abc
                OK
                > OBJECT ENCODING o
                "embstr"
                > SET o 01
                OK
                > OBJECT ENCODING o
                "embstr"
                > SET o ""
                OK
                > OBJECT ENCODING o
                "embstr"
                > SET o aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                OK
                > OBJECT ENCODING o
                "embstr"
                > SET o aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                OK
                > OBJECT ENCODING o
                "raw"
                > OBJECT ENCODING none
                (nil)
                > OBJECT IDLETIME o
                (integer) 0
                > OBJECT IDLETIME none
                (nil)
                > OBJECT FREQ o
                (error) ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.
                > OBJECT FREQ none
                (nil)
                > OBJECT REFCOUNT o
                (integer) 1
                > OBJECT ENCODING
                (error) ERR wrong number of arguments for 'object|encoding' command
                > OBJECT WHAT o
                (error) ERR unknown subcommand 'WHAT'. Try OBJECT HELP.
                > OBJECT
                (error) ERR wrong number of arguments for 'object' command
                """);
    }

    @Test
    void whatIsNoPayloadIsRefused() throws Exception {
        check("""
                > SET o v
                OK
                > DUMP none
                (nil)
                > RESTORE o 0 x
                (error) BUSYKEY Target key name already exists.
                > RESTORE o a x
                (error) BUSYKEY Target key name already exists.
                > RESTORE o 0 x REPLACE
                (error) ERR DUMP payload version or checksum are wrong
                > RESTORE new 0 x
                (error) ERR DUMP payload version or checksum are wrong
                > RESTORE new 0 ""
                (error) ERR DUMP payload version or checksum are wrong
                > RESTORE new -1 x
                (error) ERR Invalid TTL value, must be >= 0
                > RESTORE new a x
                (error) ERR value is not an integer or out of range
                > RESTORE new 0 x WHAT
                (error) ERR syntax error
                > RESTORE new 0 x IDLETIME
                (error) ERR syntax error
                > RESTORE new 0 x IDLETIME -1
                (error) ERR Invalid IDLETIME value, must be >= 0
                > RESTORE new 0 x IDLETIME a
                (error) ERR value is not an integer or out of range
                > RESTORE new 0 x FREQ 256
                (error) ERR Invalid FREQ value, must be >= 0 and <= 255
                > RESTORE new 0 x FREQ 1 IDLETIME 1
                (error) ERR syntax error
                > RESTORE new 0 x IDLETIME 1 FREQ 1
                (error) ERR syntax error
                > RESTORE new 0
                (error) ERR wrong number of arguments for 'restore' command
                > GET o
                "v"
                """);
    }

    @Test
    void aPayloadIsMadeAKeyAgain() throws Exception {
        redis.ask("SET k \"a\\x00\\xff\" EX 100");
        String payload = dump("k");

        assertThat(restore("copy", "0", payload)).isEqualTo("OK");
        check("""
                > GETRANGE copy 0 0
                "a"
                > BITCOUNT copy 1 2
                (integer) 8
                > TTL copy
                (integer) -1
                """);
        assertThat(restore("copy", "0", payload)).isEqualTo("(error) BUSYKEY Target key name already exists.");
        assertThat(restore("copy", "100000", payload, "REPLACE", "IDLETIME", "5"))
                .isEqualTo("OK");
        check("""
                > TTL copy
                (integer) 100
                """);
        assertThat(restore("at", "33177117420000", payload, "ABSTTL", "FREQ", "255"))
                .isEqualTo("OK");
        check("""
                > PEXPIRETIME at
                (integer) 33177117420000
                """);
        assertThat(restore("copy", "1", payload, "absttl", "replace")).isEqualTo("OK");
        assertThat(restore("past", "1", payload, "absttl")).isEqualTo("OK");
        check("""
                > EXISTS copy past
                (integer) 0
                """);
    }

    @Test
    void aPayloadOfRedisIsRefused() throws Exception {
        String ofRedis = "\0\3bar\13\0Q\230\352U\257\263\35\0";

        assertThat(restore("k", "0", ofRedis)).isEqualTo("(error) ERR DUMP payload version or checksum are wrong");
    }

    private String dump(String key) throws Exception {
        String shown = redis.ask("DUMP " + key);
        return shown.substring(1, shown.length() - 1);
    }

    private String restore(String key, String time, String payload, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("RESTORE", key, time, payload));
        words.addAll(List.of(options));
        return redis.command(words);
    }

    @Test
    void aTableThatIsTooLargeIsRefused() throws Exception {
        redis.command(List.of("SET", "a", "x".repeat(400)));
        redis.command(List.of("SET", "b", "x".repeat(400)));

        assertThat(redis.ask("LCS a b LEN"))
                .isEqualTo("(error) ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
    }
}
