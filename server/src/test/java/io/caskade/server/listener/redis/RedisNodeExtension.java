package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/// Starts a node for all tests of a class, and before each test deletes all keys and connects to it.
final class RedisNodeExtension implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {

    private static final Namespace NAMESPACE = Namespace.create(RedisNodeExtension.class);

    private @Nullable RedisNode node;
    private @Nullable RawRedis redis;

    /// A node and the directory that it works in. JUnit closes it behind the last test of the class.
    private record Started(RedisNode node, Path directory) implements AutoCloseable {

        static Started start() {
            try {
                Path directory = Files.createTempDirectory("redis-node");
                return new Started(
                        RedisNode.start(directory, Map.of("CASKADE_LISTENERS_REDIS_FLUSH", "true")), directory);
            } catch (Exception e) {
                throw new AssertionError("the node does not start", e);
            }
        }

        @Override
        public void close() throws IOException {
            node.close();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /// Nested classes use the node of the class around them.
    @Override
    public void beforeAll(ExtensionContext testClass) {
        node = testClass
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(Started.class, _ -> Started.start(), Started.class)
                .node();
    }

    @Override
    public void beforeEach(ExtensionContext test) throws Exception {
        redis = connect();
        assertThat(redis().ask("FLUSHALL")).isEqualTo("OK");
    }

    @Override
    public void afterEach(ExtensionContext test) throws Exception {
        redis().close();
    }

    /// The connection of the test that runs.
    RawRedis redis() {
        return Objects.requireNonNull(redis);
    }

    /// Opens another connection.
    RawRedis connect() throws Exception {
        return Objects.requireNonNull(node).connect();
    }

    int port() {
        return Objects.requireNonNull(node).port();
    }

    /// Has the test's connection go through a transcript.
    void check(String transcript) throws IOException {
        Transcript.check(redis(), transcript);
    }
}
