package io.caskade.systemtests;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The cluster client of Lettuce finds a new leader, with the refreshes of its layout that its manual
/// recommends.
class LettuceFailoverTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @TempDir
    private Path directory = Path.of("");

    private record Lettuce(RedisClusterClient client, StatefulRedisClusterConnection<String, String> connection)
            implements ClusterClientFailover.Client {

        static Lettuce connect(List<Integer> ports) {
            RedisClusterClient client = RedisClusterClient.create(ports.stream()
                    .map(port -> RedisURI.builder()
                            .withHost("127.0.0.1")
                            .withPort(port)
                            .withTimeout(TIMEOUT)
                            .build())
                    .toList());
            client.setOptions(ClusterClientOptions.builder()
                    .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                            .adaptiveRefreshTriggersTimeout(Duration.ofMillis(500))
                            .enablePeriodicRefresh(Duration.ofSeconds(1))
                            .build())
                    .build());
            return new Lettuce(client, client.connect());
        }

        @Override
        public void set(String key, String value) {
            connection.sync().set(key, value);
        }

        @Override
        public @Nullable String get(String key) {
            return connection.sync().get(key);
        }

        @Override
        public void close() {
            connection.close();
            client.shutdown(Duration.ZERO, Duration.ofSeconds(10));
        }
    }

    @Test
    void allThatIsAcknowledgedIsThereAfterTheLeaderWasKilled() throws Exception {
        ClusterClientFailover.check(directory, Lettuce::connect);
    }
}
