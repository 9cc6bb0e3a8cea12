package io.caskade.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caskade.bench.load.LoadClient;
import io.caskade.bench.process.RedisServers;
import io.caskade.bench.report.Row;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementsTest {

    private static final PrintStream NOWHERE = new PrintStream(PrintStream.nullOutputStream());

    @TempDir
    private Path directory = Path.of("");

    /// Does everything at once.
    private record Immediate(String name) implements Contender {

        @Override
        public List<Long> pids() {
            return List.of();
        }

        @Override
        public LoadClient connect(boolean puts, LoadShape shape, long seed) {
            return new LoadClient() {
                @Override
                public CompletableFuture<?> start(long number) {
                    return CompletableFuture.completedFuture(number);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void fill() {}
    }

    private static Row row(String workload, String contender, double value, String unit) {
        return new Row(workload, contender, value, unit, "");
    }

    @Test
    void halfOfThePeakIsOfferedInAnOpenLoopIfThePeakIsKnown() throws Exception {
        LoadMeter meter = new LoadMeter(Duration.ZERO, Duration.ofMillis(500));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        List<Row> rows = new HalfPeak(meter, new Progress(4, new PrintStream(printed, true, StandardCharsets.UTF_8)))
                .run(
                        "three-nodes",
                        List.of(new Immediate("measured"), new Immediate("not-measured")),
                        List.of(row("three-nodes-put-50", "measured", 1000, "op/s")));

        assertThat(rows)
                .extracting(Row::workload)
                .containsExactly(
                        "three-nodes-put-half-peak",
                        "three-nodes-put-half-peak-p50",
                        "three-nodes-put-half-peak-p99",
                        "three-nodes-put-half-peak-processors");
        assertThat(rows).allMatch(row -> row.engine().equals("measured"));
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .containsPattern("1 of 4 +three-nodes-put-half-peak +measured .* op/s")
                .containsPattern("2 of 4 +three-nodes-put-half-peak +not-measured +skipped: ")
                .containsPattern("4 of 4 +three-nodes-get-half-peak +not-measured +skipped: ");
        assertThat(rows.getFirst().value()).isBetween(300.0, 700.0);
    }

    @Test
    void ratesOfAStartAreOperationsOverTheTimeThatWasMeasured() {
        assertThat(ColdStart.row("name", "contender", 300, 2_500_000_000L))
                .isEqualTo(row("name", "contender", 120, "op/s"));
    }

    @Test
    void tailsLonePutsAndStartsAreJudged() {
        String tables = ComparisonPage.tables(List.of(
                row("three-nodes-put-half-peak-p99", "caskade-resp", 900, "us"),
                row("three-nodes-put-half-peak-p99", "redis", 1000, "us"),
                row("limit-round-trip-p50", "machine", 20, "us"),
                row("limit-fdatasync-1-file-p50", "machine", 160, "us"),
                row("three-nodes-put-1-p50", "caskade-grpc", 400, "us"),
                row("three-nodes-put-1-p50", "caskade-resp", 320, "us"),
                row("cold-put-64-seconds-5-10", "caskade-grpc", 69, "op/s"),
                row("later-put-64-seconds-5-10", "caskade-grpc", 100, "op/s")));

        assertThat(tables).containsPattern("three-nodes-put-half-peak-p99 ≤ redis's .* 0.90 × +\\| met ");
        assertThat(tables)
                .containsPattern("three-nodes-put-1-p50 ≤ 1.6 × .* 320.* 200.* 1.60 × +\\| met ")
                .containsPattern("cold-put-64-seconds-5-10 ≥ 0.7 × later .* 0.69 × +\\| MISSED");
    }

    @Test
    void idleConnectionsCostMemoryAndProcessorTime() throws Exception {
        assumeTrue(RedisServers.areInstalled(), "skipped: there is no redis-server on the PATH to connect to");
        try (RedisServers redis = RedisServers.start(directory, 0)) {
            long pid = redis.pids().getFirst();
            Duration time = Duration.ofMillis(50);

            assertThat(new IdleConnections(200, time, NOWHERE).run("redis", redis.master(), pid))
                    .extracting(Row::workload)
                    .containsExactly("idle-0-processor", "idle-200-processor", "idle-200-memory");
            assertThat(new IdleConnections(2_000_000_000, time, NOWHERE).run("redis", redis.master(), pid))
                    .singleElement()
                    .satisfies(row -> assertThat(row.absent()).contains("limit of open files"));
        }
    }

    @Test
    void theChartHasWhatWasMeasured() throws Exception {
        Path chart = directory.resolve("charts").resolve("protocols.png");

        assertThat(ComparisonChart.write(List.of(row("three-nodes-put-50-p99", "redis", 1, "us")), chart))
                .isFalse();
        assertThat(chart).doesNotExist();
        assertThat(ComparisonChart.write(
                        List.of(
                                row("three-nodes-put-50", "redis", 10, "op/s"),
                                row("three-nodes-put-50", "caskade-resp", 20, "op/s"),
                                row("three-nodes-put-50x16", "caskade-resp", 30, "op/s")),
                        chart))
                .isTrue();
        assertThat(Files.size(chart)).isPositive();
    }
}
