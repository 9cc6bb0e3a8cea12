package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The commands about bits, as a terminal on the port shows them.
class BitCommandsTest {

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
    void singleBitsAreSetAndRead() throws Exception {
        check("""
                > SETBIT k 7 1
                (integer) 0
                > GET k
                "\001"
                > SETBIT k 7 1
                (integer) 1
                > SETBIT k 1 1
                (integer) 0
                > GET k
                "A"
                > SETBIT k 7 0
                (integer) 1
                > GET k
                "@"
                > GETBIT k 1
                (integer) 1
                > GETBIT k 7
                (integer) 0
                > GETBIT k 1000000
                (integer) 0
                > GETBIT none 3
                (integer) 0
                > SETBIT k 100 0
                (integer) 0
                > STRLEN k
                (integer) 13
                > SETBIT empty 0 0
                (integer) 0
                > STRLEN empty
                (integer) 1
                > SET k @ EX 100
                OK
                > SETBIT k 2 1
                (integer) 0
                > GET k
                "`"
                > TTL k
                (integer) 100
                """);
    }

    @Test
    void offsetsAndBitsAreChecked() throws Exception {
        check("""
                > GETBIT k -1
                (error) ERR bit offset is not an integer or out of range
                > GETBIT k a
                (error) ERR bit offset is not an integer or out of range
                > GETBIT k 4294967296
                (error) ERR bit offset is not an integer or out of range
                > GETBIT k 4294967295
                (integer) 0
                > SETBIT k 4294967296 1
                (error) ERR bit offset is not an integer or out of range
                > SETBIT k -1 1
                (error) ERR bit offset is not an integer or out of range
                > SETBIT k a 2
                (error) ERR bit offset is not an integer or out of range
                > SETBIT k 1 2
                (error) ERR bit is not an integer or out of range
                > SETBIT k 1 01
                (error) ERR bit is not an integer or out of range
                > SETBIT k 1
                (error) ERR wrong number of arguments for 'setbit' command
                """);
    }

    @Test
    void bitsAreCounted() throws Exception {
        check("""
                > SET s foobar
                OK
                > BITCOUNT s
                (integer) 26
                > BITCOUNT s 0 0
                (integer) 4
                > BITCOUNT s 1 1
                (integer) 6
                > BITCOUNT s 1 -2
                (integer) 18
                > BITCOUNT s -2 1
                (integer) 0
                > BITCOUNT s 0 1000
                (integer) 26
                > BITCOUNT s 0 1 BYTE
                (integer) 10
                > BITCOUNT s 5 30 BIT
                (integer) 17
                > BITCOUNT s 5 6 bit
                (integer) 2
                > BITCOUNT s 0 -1 bit
                (integer) 26
                > BITCOUNT s -2 -3 WHAT
                (integer) 0
                > BITCOUNT s 9223372036854775807 -1
                (integer) 0
                > BITCOUNT s -9223372036854775808 9223372036854775807
                (integer) 26
                > BITCOUNT s 1
                (error) ERR syntax error
                > BITCOUNT s 5 30 BITS
                (error) ERR syntax error
                > BITCOUNT s 5 30 BIT x
                (error) ERR syntax error
                > BITCOUNT s a 30
                (error) ERR value is not an integer or out of range
                > BITCOUNT none
                (integer) 0
                > BITCOUNT none a b
                (integer) 0
                > BITCOUNT none 1
                (integer) 0
                > SET s ""
                OK
                > BITCOUNT s
                (integer) 0
                """);
    }

    @Test
    void bitsAreFound() throws Exception {
        check("""
                > SET s foobar
                OK
                > BITPOS s 1
                (integer) 1
                > BITPOS s 0
                (integer) 0
                > BITPOS s 1 2
                (integer) 17
                > BITPOS s 1 7 15 BIT
                (integer) 9
                > BITPOS s 0 3 4 BIT
                (integer) 3
                > BITPOS s 1 3 4 BIT
                (integer) -1
                > BITPOS s 1 -1
                (integer) 41
                > BITPOS s 1 3 2
                (integer) -1
                > BITPOS s 2
                (error) ERR The bit argument must be 1 or 0.
                > BITPOS s a
                (error) ERR value is not an integer or out of range
                > BITPOS s 1 a
                (error) ERR value is not an integer or out of range
                > BITPOS s 1 0 a
                (error) ERR value is not an integer or out of range
                > BITPOS s 1 7 15 x
                (error) ERR syntax error
                > BITPOS s 1 7 15 BIT x
                (error) ERR syntax error
                > BITPOS none 1
                (integer) -1
                > BITPOS none 0
                (integer) 0
                > BITPOS none 0 a
                (integer) 0
                """);
    }

    @Test
    void aValueGoesOnWithZerosUnlessItsEndIsGiven() throws Exception {
        check("""
                > SET s "\\xff\\xff"
                OK
                > BITPOS s 0
                (integer) 16
                > BITPOS s 0 1
                (integer) 16
                > BITPOS s 0 0 -1
                (integer) -1
                > BITPOS s 0 5
                (integer) -1
                > BITPOS s 0 3 -1 BIT
                (integer) -1
                > SET s "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x0f"
                OK
                > BITPOS s 0
                (integer) 144
                > BITPOS s 0 1
                (integer) 144
                > BITPOS s 0 9 -1 BIT
                (integer) 144
                > SET s ""
                OK
                > BITPOS s 0
                (integer) -1
                > BITPOS s 1
                (integer) -1
                """);
    }

    @Test
    void valuesAreCombined() throws Exception {
        check("""
                > SET s foobar
                OK
                > SET t "\\xff\\xff"
                OK
                > BITOP AND d s t
                (integer) 6
                > STRLEN d
                (integer) 6
                > GETRANGE d 0 1
                "fo"
                > BITOP or d s none
                (integer) 6
                > GET d
                "foobar"
                > BITOP XOR d s s
                (integer) 6
                > BITCOUNT d
                (integer) 0
                > BITOP NOT d t
                (integer) 2
                > BITCOUNT d
                (integer) 0
                > SET d x EX 100
                OK
                > BITOP AND d s
                (integer) 6
                > GET d
                "foobar"
                > TTL d
                (integer) -1
                """);
    }

    @Test
    void aDestinationMayBeASource() throws Exception {
        check("""
                > SET s "\\xff"
                OK
                > BITOP NOT s s
                (integer) 1
                > BITCOUNT s
                (integer) 0
                > SET t "aa"
                OK
                > BITOP XOR t s t s
                (integer) 2
                > GET t
                "aa"
                > BITOP AND none none
                (integer) 0
                > EXISTS none
                (integer) 0
                """);
    }

    @Test
    void nothingCombinedIsNoKey() throws Exception {
        check("""
                > SET d x
                OK
                > BITOP AND d none other
                (integer) 0
                > EXISTS d
                (integer) 0
                > SET e ""
                OK
                > SET d x
                OK
                > BITOP NOT d e
                (integer) 0
                > EXISTS d
                (integer) 0
                > BITOP NOT d e e
                (error) ERR BITOP NOT must be called with a single source key.
                > BITOP WHAT d e
                (error) ERR syntax error
                > BITOP NOT d
                (error) ERR wrong number of arguments for 'bitop' command
                """);
    }

    @Test
    void fieldsAreSetAndRead() throws Exception {
        check("""
                > BITFIELD f
                []
                > BITFIELD f SET u8 0 255
                [(integer) 0]
                > BITFIELD f SET i8 0 -100 GET i8 0 GET u8 0 GET u4 0 GET u4 #1
                [(integer) -1, (integer) -100, (integer) 156, (integer) 9, (integer) 12]
                > BITFIELD f set u8 #2 66 get u8 16
                [(integer) 0, (integer) 66]
                > STRLEN f
                (integer) 3
                > BITFIELD none GET u8 100
                [(integer) 0]
                > EXISTS none
                (integer) 0
                > BITFIELD f GET u8 4294967295
                [(integer) 0]
                > BITFIELD_RO f
                []
                > BITFIELD_RO f GET i8 0 GET u8 #2
                [(integer) -100, (integer) 66]
                > BITFIELD_RO none GET u8 100
                [(integer) 0]
                > BITFIELD_RO f GET u8 0 SET u8 0 1
                (error) ERR BITFIELD_RO only supports the GET subcommand
                """);
    }

    @Test
    void fieldsCountAndOverflow() throws Exception {
        check("""
                > BITFIELD f INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
                [(integer) 1, (integer) 1]
                > BITFIELD f INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
                [(integer) 2, (integer) 2]
                > BITFIELD f INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
                [(integer) 3, (integer) 3]
                > BITFIELD f INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
                [(integer) 0, (integer) 3]
                > BITFIELD f OVERFLOW FAIL INCRBY u2 102 1 GET u2 102
                [(nil), (integer) 3]
                > BITFIELD f OVERFLOW SAT INCRBY u2 102 -9
                [(integer) 0]
                > BITFIELD f OVERFLOW WRAP INCRBY u2 102 -1
                [(integer) 3]
                > BITFIELD f OVERFLOW SAT SET u8 0 -1 GET u8 0
                [(integer) 0, (integer) 255]
                > BITFIELD f OVERFLOW WRAP SET i8 0 200 GET i8 0
                [(integer) -1, (integer) -56]
                > BITFIELD f OVERFLOW SAT INCRBY i8 0 -100
                [(integer) -128]
                > BITFIELD f OVERFLOW SAT INCRBY i8 0 300
                [(integer) 127]
                > BITFIELD f SET i64 0 9223372036854775807 INCRBY i64 0 1
                [(integer) 9151314442816847872, (integer) -9223372036854775808]
                > BITFIELD f OVERFLOW SAT SET i64 0 -9223372036854775808 INCRBY i64 0 -1
                [(integer) -9223372036854775808, (integer) -9223372036854775808]
                > BITFIELD f SET u63 0 9223372036854775807 INCRBY u63 0 1
                [(integer) 4611686018427387904, (integer) 0]
                > BITFIELD g OVERFLOW FAIL SET u2 0 5
                [(nil)]
                > EXISTS g
                (integer) 1
                """);
    }

    @Test
    void fieldsAreChecked() throws Exception {
        check("""
                > BITFIELD f GET u64 0
                (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
                > BITFIELD f GET u0 0
                (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
                > BITFIELD f GET i65 0
                (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
                > BITFIELD f GET x8 0
                (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
                > BITFIELD f GET i 0
                (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
                > BITFIELD f GET i08 0
                (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
                > BITFIELD f GET u8 -1
                (error) ERR bit offset is not an integer or out of range
                > BITFIELD f GET u8 #-1
                (error) ERR bit offset is not an integer or out of range
                > BITFIELD f GET u8 #a
                (error) ERR bit offset is not an integer or out of range
                > BITFIELD f GET u8 #536870912
                (error) ERR bit offset is not an integer or out of range
                > BITFIELD f GET u8
                (error) ERR syntax error
                > BITFIELD f SET u8 0
                (error) ERR syntax error
                > BITFIELD f SET u8 0 a
                (error) ERR value is not an integer or out of range
                > BITFIELD f OVERFLOW what INCRBY u2 102 1
                (error) ERR Invalid OVERFLOW type specified
                > BITFIELD f WHAT
                (error) ERR syntax error
                > BITFIELD
                (error) ERR wrong number of arguments for 'bitfield' command
                """);
    }

    @Test
    void aValueThatWouldBeTooLongIsRefusedBeforeItIsMade() throws Exception {
        long tooFar = 8L * RedisNode.MAX_VALUE_BYTES;
        String tooLong = "(error) ERR string exceeds maximum allowed size (storage.max-value-size)";

        assertThat(redis.ask("SETBIT k 4294967295 1")).isEqualTo(tooLong);
        assertThat(redis.ask("SETBIT k " + tooFar + " 1")).isEqualTo(tooLong);
        assertThat(redis.ask("BITFIELD k SET u8 " + (tooFar - 7) + " 1")).isEqualTo(tooLong);
        assertThat(redis.ask("EXISTS k")).isEqualTo("(integer) 0");

        assertThat(redis.ask("SETBIT k " + (tooFar - 1) + " 1")).isEqualTo("(integer) 0");
        assertThat(redis.ask("STRLEN k")).isEqualTo("(integer) " + RedisNode.MAX_VALUE_BYTES);
        assertThat(redis.ask("BITPOS k 1")).isEqualTo("(integer) " + (tooFar - 1));
    }

    @Test
    void noChangeOfABitIsLost() throws Exception {
        try (RawRedis other = NODE.connect()) {
            StringBuilder odd = new StringBuilder();
            StringBuilder even = new StringBuilder();
            for (int i = 0; i < 200; i += 2) {
                even.append("SETBIT k ").append(i).append(" 1\r\n");
                odd.append("SETBIT k ").append(i + 1).append(" 1\r\n");
            }
            redis.send(even.toString());
            other.send(odd.toString());
            for (int i = 0; i < 100; i++) {
                assertThat(redis.read()).isEqualTo("(integer) 0");
                assertThat(other.read()).isEqualTo("(integer) 0");
            }
        }

        assertThat(redis.ask("BITCOUNT k")).isEqualTo("(integer) 200");
    }

    @Test
    void aDestinationThatIsASourceLosesNoWrite() throws Exception {
        try (RawRedis other = NODE.connect()) {
            redis.ask("SET k \"\\xff\\x0f\"");
            for (int i = 0; i < 20; i++) {
                redis.send("BITOP NOT k k\r\n");
                other.send("BITOP NOT k k\r\n");
                assertThat(redis.read()).isEqualTo("(integer) 2");
                assertThat(other.read()).isEqualTo("(integer) 2");
            }
        }

        assertThat(redis.ask("BITFIELD k GET u16 0")).isEqualTo("[(integer) 65295]");
    }
}
