package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a node says that cannot start: one clear message, an exit code, and nothing changed on disk.
class RefusalTest {

    private static final int BAD_CONFIGURATION = 2;
    private static final int CANNOT_START = 3;

    @TempDir
    private Path directory = Path.of("");

    private StandaloneFiles files = new StandaloneFiles(directory, directory, directory, 0, 0);

    @BeforeEach
    void writeFiles() throws IOException {
        files = StandaloneFiles.in(directory);
    }

    @Test
    void unknownAndIllTypedSettingsAreNamedWithTheirLines() throws Exception {
        Files.writeString(files.configuration(), """
                data-dir: %s
                storage:
                  durabilty: sync
                  segment-size: 64
                """.formatted(files.data()));

        assertRefused(BAD_CONFIGURATION, "server.yaml:3: storage.durabilty", "server.yaml:4: storage.segment-size");
        assertThat(files.data()).doesNotExist();
    }

    @Test
    void aDataDirectoryInUseIsNamed() throws Exception {
        try (NodeProcess running = files.start()) {
            assertRefused(CANNOT_START, "data-dir " + files.data() + ": in use by process ");
            assertThat(running.terminate()).isZero();
        }
    }

    @Test
    void aPortInUseIsNamedWithItsSetting() throws Exception {
        Path other = Files.createDirectory(directory.resolve("other"));
        try (NodeProcess running = files.start()) {
            StandaloneFiles sameGrpcPort = StandaloneFiles.in(other, files.grpcPort(), 0);
            assertRefused(sameGrpcPort, CANNOT_START, "listeners.grpc.bind 127.0.0.1:" + files.grpcPort());
            StandaloneFiles sameZooKeeperPort = StandaloneFiles.in(other, 0, files.zookeeperPort());
            assertRefused(sameZooKeeperPort, CANNOT_START, "zookeeper.connect 127.0.0.1:" + files.zookeeperPort());
            assertThat(running.terminate()).isZero();
        }
    }

    @Test
    void aDamagedSegmentIsNamedWithItsOffsetAndLeftAsItIsAndOtherPartitionsServe() throws Exception {
        try (NodeProcess node = files.start()) {
            try (CaskadeClient client = files.client(Duration.ofSeconds(10))) {
                for (int i = 0; i < 100; i++) {
                    client.put(("key-" + i).getBytes(UTF_8), new byte[100]);
                }
            }
            assertThat(node.terminate()).isZero();
        }
        Path segment = files.data().resolve("partitions/2/00000000000000000001.log");
        byte[] bytes = Files.readAllBytes(segment);
        int middle = bytes.length / 2;
        bytes[middle] ^= 1;
        Files.write(segment, bytes);
        Map<Path, Long> before = modificationTimes(segment);

        try (NodeProcess node = files.start();
                CaskadeClient client = files.client(Duration.ofMillis(500))) {
            try (CaskadeClient patient = files.client(Duration.ofSeconds(10))) {
                assertThat(patient.status().toString()).contains(segment + ": damaged at offset ");
            }
            assertThat(keysThatAreServed(client))
                    .as("those of the other partitions")
                    .isBetween(50L, 99L);
            assertThat(node.terminate()).isZero();
        }

        assertThat(modificationTimes(segment)).isEqualTo(before);
        assertThat(Files.readAllBytes(segment)).isEqualTo(bytes);
    }

    private static long keysThatAreServed(CaskadeClient client) {
        return IntStream.range(0, 100)
                .filter(i -> isServed(client, ("key-" + i).getBytes(UTF_8)))
                .count();
    }

    private static boolean isServed(CaskadeClient client, byte[] key) {
        try {
            return client.get(key).isPresent();
        } catch (CaskadeException e) {
            return false;
        }
    }

    private static Map<Path, Long> modificationTimes(Path segment) throws IOException {
        try (Stream<Path> beside = Files.list(segment.resolveSibling(""))) {
            Map<Path, Long> times = new TreeMap<>();
            // The lock names its last owner.
            for (Path file : beside.filter(file -> !file.endsWith("lock")).toList()) {
                times.put(file, Files.getLastModifiedTime(file).toMillis());
            }
            return times;
        }
    }

    private void assertRefused(int exitCode, String... said) throws Exception {
        assertRefused(files, exitCode, said);
    }

    private static void assertRefused(StandaloneFiles refused, int exitCode, String... said) throws Exception {
        try (NodeProcess node = refused.launch()) {
            assertThat(node.exitCode()).as(node.logged()).isEqualTo(exitCode);
            assertThat(node.logged()).contains(said).doesNotContain("\tat ");
        }
    }
}
