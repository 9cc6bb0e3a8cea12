package io.caskade.server.listener.redis;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With the file that `make standalone` uses, keys need no hash tag to be written together.
class StandaloneKeysTest {

    @TempDir
    private Path directory;

    @Test
    void anyKeysAreWrittenTogether() throws Exception {
        try (RedisNode node = RedisNode.startStandalone(directory);
                RawRedis redis = node.connect()) {
            Transcript.check(redis, """
                    > WATCH a b c d
                    OK
                    > MULTI
                    OK
                    > MSET a 1 b 2 c 3
                    QUEUED
                    > RENAME c d
                    QUEUED
                    > MGET a b c d
                    QUEUED
                    > EXEC
                    [OK, OK, ["1", "2", (nil), "3"]]
                    > MSETNX e 1 f 2
                    (integer) 1
                    > COPY e g
                    (integer) 1
                    """);
        }
    }
}
