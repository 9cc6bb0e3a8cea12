package io.caskade.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bench.report.ResourceSample;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What counts as drift, and the chart.
class SoakRecordTest {

    private static final long MIB = 1 << 20;

    private static SoakRecord record(int samples, LongUnaryOperator residentMib) {
        SoakRecord record = new SoakRecord();
        for (int i = 0; i < samples; i++) {
            ResourceSample sample = new ResourceSample(1, residentMib.applyAsLong(i) * MIB, 100, 200, 0, 50 * MIB);
            record.add(new SoakRecord.Line(i * 10.0, new TreeMap<>(Map.of("node-1", sample)), 1000, 2.5));
        }
        return record;
    }

    @Test
    void whatGoesUpAndDownDoesNotDrift() {
        assertThat(record(100, i -> 300 + i % 10 * 10).drifts()).isEmpty();
    }

    @Test
    void whatGrowsSteadilyDrifts() {
        assertThat(record(100, i -> 300 + 4 * i).drifts()).containsExactly("node-1: memory grew from 448 to 648 MiB");
    }

    @Test
    void aFewSamplesSayNothing() {
        assertThat(record(10, i -> 300 + 100 * i).drifts()).isEmpty();
    }

    @Test
    void aChartIsDrawnOfEachQuantity(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("charts").resolve("soak.png");

        record(50, i -> 300).draw(file);

        assertThat(ImageIO.read(file.toFile()).getHeight()).isEqualTo(1500);
    }
}
