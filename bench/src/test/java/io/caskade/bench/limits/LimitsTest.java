package io.caskade.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitsTest {

    private static final Duration SHORT = Duration.ofMillis(50);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void bytesGoThereAndBack() throws Exception {
        Histogram nanos = LoopbackRoundTrip.measure(SHORT);

        assertThat(nanos.getTotalCount()).isPositive();
        assertThat(nanos.getMinValue()).isPositive();
    }

    @Test
    void everyFileIsSyncedAndRemoved() throws Exception {
        Histogram nanos = SyncLatency.measure(directory.resolve("made"), 3, SHORT);

        assertThat(nanos.getTotalCount()).isGreaterThanOrEqualTo(3);
        assertThat(directory.resolve("made")).isEmptyDirectory();
    }

    @Test
    void aDiskThatRefusesIsReported() throws Exception {
        Files.createDirectory(directory.resolve("sync-latency-0"));

        assertThatThrownBy(() -> SyncLatency.measure(directory, 1, SHORT)).isInstanceOf(IOException.class);
    }
}
