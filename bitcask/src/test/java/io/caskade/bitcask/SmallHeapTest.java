package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A store of many small keys in a process with a small heap.
@Timeout(300)
final class SmallHeapTest {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void mergesAndHintsOfSegmentsWithManyKeysGoOn() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(List.of(
                        java.toString(),
                        "-Xmx32m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyKeys.class.getName(),
                        directory.resolve("store").toString()))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("merged", "hinted", "right").doesNotContain("OutOfMemory");
    }

    /// Overwrites every second of many keys, so that merges keep half of what they read.
    static final class ManyKeys {
        private static final int KEYS = 2_000_000;
        private static final long SEGMENT_BYTES = 32 << 20;

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            Options options = Options.defaults()
                    .withDurability(Durability.NONE)
                    .withSegmentBytes(SEGMENT_BYTES)
                    .withMerges(new MergeOptions(true, 0.25, 0));
            try (Bitcask store = Bitcask.open(directory, options)) {
                for (int step = 1; step <= 2; step++) {
                    for (int i = 0; i < KEYS; i += step) {
                        store.put(key(i), value(step));
                    }
                }
                require(store.awaitMerges(Duration.ofMinutes(2)), "merges do not come to an end");
                require(logBytes(directory) < 100L << 20, "nothing was merged: " + logBytes(directory));
                System.out.println("merged");
                require(hintBytes(directory) > 10 << 20, "a segment has no hint: " + hintBytes(directory));
                System.out.println("hinted");
                for (int i = 0; i < KEYS; i += 997) {
                    Entry entry = store.get(key(i));
                    require(
                            entry != null && ByteBuffer.wrap(entry.value()).getInt() == 2 - i % 2,
                            "key " + i + " is wrong");
                }
                System.out.println("right");
            }
        }

        private static void require(boolean holds, String otherwise) {
            if (!holds) {
                throw new IllegalStateException(otherwise);
            }
        }

        private static byte[] key(int number) {
            return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
        }

        private static byte[] value(int round) {
            return ByteBuffer.allocate(Integer.BYTES).putInt(round).array();
        }

        private static long logBytes(Path directory) throws IOException {
            return bytes(directory, ".log");
        }

        private static long hintBytes(Path directory) throws IOException {
            return bytes(directory, ".hint");
        }

        private static long bytes(Path directory, String suffix) throws IOException {
            long bytes = 0;
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(suffix)).toList()) {
                    bytes += Files.size(file);
                }
            }
            return bytes;
        }
    }
}
