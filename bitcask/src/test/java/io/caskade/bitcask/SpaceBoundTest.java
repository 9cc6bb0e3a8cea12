package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// However fast keys are overwritten, the files never take more than 2.5 times the live data and two segments.
@Timeout(120)
final class SpaceBoundTest {

    private static final int KEYS = 50_000;
    private static final int ROUNDS = 8;
    private static final int RECORD_BYTES = 32 + Integer.BYTES + 100;
    private static final long SEGMENT_BYTES = 512 << 10;
    private static final long BOUND = 5L * KEYS * RECORD_BYTES / 2 + 2 * SEGMENT_BYTES;

    /// How many puts there are between two looks at the files.
    private static final int LOOK = 1_000;

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @CsvSource({"NONE, false", "NONE, true", "INTERVAL, false"})
    void theFilesNeverTakeMoreThanTheBound(Durability durability, boolean inOrder) throws Exception {
        Options options = Options.defaults().withDurability(durability).withSegmentBytes(SEGMENT_BYTES);
        byte[] value = new byte[100];
        Random random = new Random(1);
        try (Bitcask store = Bitcask.open(directory, options)) {
            for (int i = 0; i < KEYS; i++) {
                store.put(key(i), value);
            }
            for (int put = 0; put < ROUNDS * KEYS; put++) {
                store.put(key(inOrder ? put % KEYS : random.nextInt(KEYS)), value);
                if (put % LOOK == 0) {
                    long bytes = fileBytes();
                    assertThat(bytes)
                            .as("after %d puts: %s", put, store.spaceReport())
                            .isLessThanOrEqualTo(BOUND);
                }
            }
            assertThat(store.awaitMerges(Duration.ofSeconds(60))).isTrue();
            assertThat(store.size()).isEqualTo(KEYS);
            SpaceReport report = store.spaceReport();
            assertThat(report.slowingPuts()).isFalse();
            assertThat(report.takenBytes()).as("what the store counts").isEqualTo(fileBytes());
            assertThat(report.boundBytes()).isBetween(BOUND * 9 / 10, BOUND * 11 / 10);
        }
    }

    /// The bytes of all files but those that a store of any size has.
    private long fileBytes() throws IOException {
        long bytes = 0;
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(file -> !file.toString().matches(".*/(copy|lock|secret).*"))
                    .toList();
        }
        for (Path file : files) {
            try {
                bytes += Files.size(file);
            } catch (NoSuchFileException _) {
                // It was deleted, or renamed: then it is counted under its other name, or was not there twice.
            }
        }
        return bytes;
    }

    private static byte[] key(int i) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
    }
}
