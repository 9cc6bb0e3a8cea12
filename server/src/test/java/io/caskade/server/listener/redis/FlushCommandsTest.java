package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The commands that delete all keys, as a terminal on the port shows them.
class FlushCommandsTest {

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
    void allKeysAreDeleted() throws Exception {
        check("""
                > SET a 1
                OK
                > SET b 2 EX 100
                OK
                > FLUSHALL
                OK
                > DBSIZE
                (integer) 0
                > SET a 1
                OK
                > flushdb async
                OK
                > EXISTS a
                (integer) 0
                > FLUSHDB SYNC
                OK
                > FLUSHALL WHAT
                (error) ERR syntax error
                > FLUSHALL SYNC x
                (error) ERR syntax error
                """);
    }

    @Test
    void thereAreNoFunctions() throws Exception {
        check("""
                > FUNCTION FLUSH
                OK
                > FUNCTION FLUSH ASYNC
                OK
                > FUNCTION FLUSH x
                (error) ERR FUNCTION FLUSH only supports SYNC|ASYNC option
                > FUNCTION Flush SYNC ASYNC
                (error) ERR unknown subcommand or wrong number of arguments for 'Flush'. Try FUNCTION HELP.
                > FUNCTION LIST WITHCODE LIBRARYNAME *
                []
                > FUNCTION LIST LIBRARYNAME
                (error) ERR library name argument was not given
                > FUNCTION LIST WITHCODE what
                (error) ERR Unknown argument what
                > FUNCTION LIST
                []
                > FUNCTION
                (error) ERR wrong number of arguments for 'function' command
                """);
    }

    @Test
    void manyKeysAreDeletedInAllPartitions() throws Exception {
        StringBuilder commands = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            commands.append("SET key:").append(i).append(" v\r\n");
        }
        redis.send(commands.toString());
        for (int i = 0; i < 3_000; i++) {
            assertThat(redis.read()).isEqualTo("OK");
        }

        assertThat(redis.ask("FLUSHALL")).isEqualTo("OK");

        assertThat(redis.ask("DBSIZE")).isEqualTo("(integer) 0");
    }

    @Test
    void withoutTheSettingNothingIsDeleted(@TempDir Path another) throws Exception {
        try (RedisNode careful = RedisNode.start(another, Map.of());
                RawRedis client = careful.connect()) {
            Transcript.check(client, """
                    > SET k v
                    OK
                    > FLUSHALL
                    (error) ERR FLUSHALL is turned off: it deletes the keys of the whole cluster. The setting listeners.redis.flush: true turns it on
                    > FLUSHDB ASYNC
                    (error) ERR FLUSHDB is turned off: it deletes the keys of the whole cluster. The setting listeners.redis.flush: true turns it on
                    > FLUSHDB WHAT
                    (error) ERR syntax error
                    > GET k
                    "v"
                    """);
        }
    }
}
