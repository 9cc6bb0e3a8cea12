package io.caskade.systemtests;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;

/// The cluster client of Jedis finds a new leader.
class JedisFailoverTest {

    @TempDir
    private Path directory = Path.of("");

    /// Jedis with its own timeouts and attempts.
    private record Jedis(RedisClusterClient redis) implements ClusterClientFailover.Client {

        static Jedis connect(List<Integer> ports) {
            return new Jedis(RedisClusterClient.create(ports.stream()
                    .map(port -> new HostAndPort("127.0.0.1", port))
                    .collect(Collectors.toSet())));
        }

        @Override
        public void set(String key, String value) {
            redis.set(key, value);
        }

        @Override
        public @Nullable String get(String key) {
            return redis.get(key);
        }

        @Override
        public void close() {
            redis.close();
        }
    }

    @Test
    void allThatIsAcknowledgedIsThereAfterTheLeaderWasKilled() throws Exception {
        ClusterClientFailover.check(directory, Jedis::connect);
    }
}
