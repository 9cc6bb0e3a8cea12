package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.CaskadeClient;
import io.caskade.testing.ZippedFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes of this build open what an earlier build wrote; `older/README.md` says what that is.
class OlderDataTest {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void standaloneNodeOpensTheDataOfAnEarlierBuild() throws Exception {
        StandaloneFiles files = StandaloneFiles.in(directory);
        ZippedFixture.unpack(OlderDataTest.class, "/older/standalone.zip", files.data());

        try (NodeProcess node = files.start();
                CaskadeClient client = files.client(Duration.ofSeconds(30))) {
            for (int i = 1; i < 100; i++) {
                assertThat(value(client, "key-" + i)).contains("value-" + i);
            }
            assertThat(value(client, "key-0")).isEmpty();
            assertThat(value(client, "counter")).contains("42");
            assertThat(node.terminate()).as(node.logged()).isZero();
        }
    }

    @Test
    void clusterOpensTheDataOfAnEarlierBuild() throws Exception {
        ZippedFixture.unpack(OlderDataTest.class, "/older/cluster.zip", directory);
        Set<Integer> deletedOrExpired = Set.of(0, 2, 10, 20, 30);

        try (LocalCluster cluster = LocalCluster.start(directory);
                CaskadeClient client = cluster.client(Duration.ofSeconds(30))) {
            cluster.awaitAllInSync(client);
            for (int i = 0; i < 300; i++) {
                assertThat(value(client, "key-" + i))
                        .isEqualTo(deletedOrExpired.contains(i) ? Optional.empty() : Optional.of("value-" + i));
            }
            assertThat(value(client, "counter")).contains("42");
            assertThat(value(client, "after-kill")).contains("yes");
            client.put("key-0".getBytes(UTF_8), "back".getBytes(UTF_8));
            assertThat(value(client, "key-0")).contains("back");
        }
    }

    private static Optional<String> value(CaskadeClient client, String key) {
        return client.get(key.getBytes(UTF_8))
                .map(entry -> new String(entry.value().toArray(), UTF_8));
    }
}
