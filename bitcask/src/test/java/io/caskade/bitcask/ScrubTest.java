package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caskade.bitcask.disk.FaultyDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScrubTest {

    private static final Path DIRECTORY = Path.of("/data");

    private static final Options OPTIONS = Options.defaults()
            .withSegmentBytes(4096)
            .withMerges(MergeOptions.off())
            .withScrub(Duration.ofMillis(5), 1 << 30);

    private final FaultyDisk disk = new FaultyDisk(1);

    private static void fill(Bitcask store) throws IOException {
        for (int i = 0; i < 100; i++) {
            store.put(bytes("key" + i), bytes("value" + i + "-".repeat(100)));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void awaitTwoMoreRounds(Bitcask store) {
        long rounds = store.scrubReport().rounds();
        await().until(() -> store.scrubReport().rounds() >= rounds + 2);
    }

    @Test
    void anIntactStoreIsScrubbedRepeatedly() throws IOException {
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            fill(store);
            awaitTwoMoreRounds(store);
            assertThat(store.scrubReport().segments()).isGreaterThan(4);
            assertThat(store.scrubReport().damagedSegments()).isZero();
            assertThat(store.scrubReport().damage()).isEmpty();
        }
    }

    @Test
    void damageIsReportedWithFileOffsetAndSequence() throws IOException {
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            fill(store);
            Path segment = DIRECTORY.resolve("00000000000000000001.log");
            disk.damage(segment, 500);
            awaitTwoMoreRounds(store);
            assertThat(store.scrubReport().damagedSegments()).isPositive();
            DamagedLogException found = store.scrubReport().damage().getFirst();
            assertThat(found.file()).isEqualTo(segment);
            assertThat(found.offset()).isBetween(200L, 500L);
            assertThat(found.sequence()).isBetween(2L, 8L);
            assertThat(store.get(bytes("key99"))).isNotNull();
            store.put(bytes("more"), bytes("is taken"));
        }
    }

    @Test
    void aDisabledScrubReadsNothing() throws IOException {
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS.withScrub(Duration.ofMillis(1), 0), disk)) {
            fill(store);
            assertThat(store.scrubReport()).isEqualTo(new ScrubReport(0, 0, 0, List.of()));
        }
    }

    @Test
    void theRatesAreChecked() {
        assertThatThrownBy(() -> OPTIONS.withScrub(Duration.ZERO, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OPTIONS.withScrub(Duration.ofDays(1), -1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
