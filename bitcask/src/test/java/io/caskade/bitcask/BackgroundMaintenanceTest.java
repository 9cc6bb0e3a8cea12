package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the library does by itself in the background.
final class BackgroundMaintenanceTest {

    private static final int RECORDS = 300;

    @Test
    void fullSegmentsGetHintsThatServeTheNextOpening(@TempDir Path directory) throws Exception {
        Options options = Options.defaults().withSegmentBytes(4096).withMerges(MergeOptions.off());
        try (Bitcask store = Bitcask.open(directory, options)) {
            fill(store, 0);
            awaitHints(directory);
        }
        Path hint = directory.resolve("00000000000000000001.hint");
        FileTime written = Files.getLastModifiedTime(hint);
        try (Bitcask store = Bitcask.open(directory, options)) {
            for (int i = 0; i < RECORDS; i++) {
                Entry entry = Objects.requireNonNull(store.get(bytes("key" + i)));
                assertThat(entry.value()).isEqualTo(bytes("value" + i));
            }
            // Once newer segments have their hints, the older ones have been looked at.
            fill(store, RECORDS);
            awaitHints(directory);
        }
        assertThat(Files.getLastModifiedTime(hint))
                .as("the hint is good for the next process")
                .isEqualTo(written);
    }

    @Test
    void mergingOnDemandFreesSpace(@TempDir Path directory) throws Exception {
        Options options = Options.defaults().withSegmentBytes(4096).withDurability(Durability.NONE);
        try (Bitcask store = Bitcask.open(directory, options)) {
            for (int round = 0; round < 6; round++) {
                fill(store, 0);
            }
            store.merge();
            assertThat(count(directory, ".log")).isLessThan(10);
        }
        try (Bitcask store = Bitcask.open(directory, options)) {
            assertThat(store.size()).isEqualTo(RECORDS);
            for (int i = 0; i < RECORDS; i++) {
                Entry entry = Objects.requireNonNull(store.get(bytes("key" + i)));
                assertThat(entry.value()).isEqualTo(bytes("value" + i));
            }
        }
    }

    @Test
    void theSpaceOfOverwrittenRecordsIsFreedAutomatically(@TempDir Path directory) throws Exception {
        for (Durability durability : Durability.values()) {
            Path own = directory.resolve(durability.name());
            Options options = Options.defaults().withSegmentBytes(16_384).withDurability(durability);
            try (Bitcask store = Bitcask.open(own, options)) {
                for (int round = 0; round < 6; round++) {
                    fill(store, 0);
                }
                assertThat(store.awaitMerges(Duration.ofSeconds(60))).isTrue();
                assertThat(bytes(own)).as(durability.name()).isLessThan(RECORDS * 50);
                for (int i = 0; i < RECORDS; i++) {
                    Entry entry = Objects.requireNonNull(store.get(bytes("key" + i)));
                    assertThat(entry.value()).isEqualTo(bytes("value" + i));
                }
            }
        }
    }

    @Test
    void anIdleStoreFullOfExpiredKeysShrinksByItself(@TempDir Path directory) throws Exception {
        ManualClock clock = new ManualClock();
        Options options = Options.defaults()
                .withSegmentBytes(16_384)
                .withDurability(Durability.NONE)
                .withClock(clock);
        try (Bitcask store = Bitcask.open(directory, options)) {
            for (int i = 0; i < RECORDS; i++) {
                store.put(bytes("key" + i), new byte[200], Duration.ofHours(1));
            }
            assertThat(store.awaitMerges(Duration.ofSeconds(60))).isTrue();
            assertThat(bytes(directory)).isGreaterThan(RECORDS * 200);
            clock.advance(Duration.ofHours(2).toMillis());
            assertThat(store.awaitMerges(Duration.ofSeconds(60))).isTrue();
            assertThat(bytes(directory)).isLessThan(1_000);
            assertThat(store.size()).isZero();
        }
    }

    @Test
    void disabledMergesChangeNoFiles(@TempDir Path directory) throws Exception {
        Options options = Options.defaults()
                .withSegmentBytes(4096)
                .withDurability(Durability.NONE)
                .withMerges(MergeOptions.off());
        try (Bitcask store = Bitcask.open(directory, options)) {
            for (int round = 0; round < 6; round++) {
                fill(store, 0);
            }
            long files = count(directory, ".log");
            assertThat(files).isGreaterThan(10);
            store.merge();
            assertThat(count(directory, ".log")).isLessThan(files / 2);
        }
    }

    @Test
    void mergeOptionsOutOfRangeAreRefusedByName() {
        assertThatThrownBy(() -> new MergeOptions(true, 0, 0)).hasMessageContaining("deadRatio");
        assertThatThrownBy(() -> new MergeOptions(true, Double.NaN, 0)).hasMessageContaining("deadRatio");
        assertThatThrownBy(() -> new MergeOptions(true, 1.01, 0)).hasMessageContaining("deadRatio");
        assertThatThrownBy(() -> new MergeOptions(true, 1, -1)).hasMessageContaining("bytesPerSecond");
    }

    /// How many bytes the log has.
    private static long bytes(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".log")).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    private static void fill(Bitcask store, int from) throws IOException {
        for (int i = from; i < from + RECORDS; i++) {
            store.put(bytes("key" + i), bytes("value" + i));
        }
    }

    /// The newest segment has none, nor has as much of the full ones as one segment can hold.
    private static void awaitHints(Path directory) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> count(directory, ".hint") >= count(directory, ".log") - 3);
    }

    private static long count(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix)).count();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
