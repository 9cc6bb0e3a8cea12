package io.caskade.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bench.report.ResultsFile;
import io.caskade.bench.report.Row;
import io.caskade.client.FakeCluster;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program against a fake node behind a real ZooKeeper: so short that it measures nothing and shows
/// that it runs.
class ClusterBenchmarkTest {

    @TempDir
    private Path directory = Path.of("");

    private Path results = directory;
    private Path page = directory;

    @BeforeEach
    void writePage() throws Exception {
        results = directory.resolve("cluster.json");
        page = directory.resolve("benchmarks.md");
        Files.writeString(page, ClusterPage.FIGURES.begin() + "\n" + ClusterPage.FIGURES.end() + "\n");
    }

    @Test
    void everyWorkloadIsMeasuredInClosedAndOpenLoops() throws Exception {
        try (FakeCluster cluster = new FakeCluster(4)) {
            int exitCode = run(
                    cluster,
                    "throughput",
                    "--in-flight=1,8",
                    "--rate=500",
                    "--keys=50",
                    "--rounds=1",
                    "--warm-up=10ms",
                    "--time=100ms");

            assertThat(exitCode).isZero();
            List<Row> rows = rows();
            for (String load : List.of("put-1", "put-8", "put-at-500", "get-1", "get-8", "get-at-500", "mix-at-500")) {
                assertThat(valueOf(load, rows)).as(load).isPositive();
                assertThat(valueOf(load + "-p999", rows)).as(load).isPositive();
                assertThat(valueOf(load + "-errors", rows)).as(load).isZero();
                assertThat(valueOf(load + "-unknown", rows)).as(load).isZero();
            }
            assertThat(Files.readString(page)).contains("| put-at-500 ", "1 nodes, 4 partitions");
        }
    }

    @Test
    void gapsAndErrorsAreMeasuredWhileACommandRuns() throws Exception {
        try (FakeCluster cluster = new FakeCluster(2)) {
            int exitCode = run(cluster, "availability", "--during=exit 0", "--calm=100ms");

            assertThat(exitCode).isZero();
            assertThat(results).doesNotExist();
        }
    }

    @Test
    void aMissingClusterIsReported() {
        assertThat(Main.commandLine().execute("throughput", "--zookeeper=127.0.0.1:1", "--dry"))
                .isEqualTo(Main.UNREACHABLE);
    }

    @Test
    void wrongUsageIsReported() {
        assertThat(Main.commandLine().execute()).isEqualTo(Main.USAGE);
        assertThat(Main.commandLine().execute("throughput", "--time=5")).isEqualTo(Main.USAGE);
        assertThat(Main.commandLine().execute("availability", "--scenario=earthquake"))
                .isEqualTo(Main.USAGE);
    }

    private int run(FakeCluster cluster, String command, String... options) {
        List<String> arguments = new ArrayList<>(
                List.of(command, "--zookeeper=" + cluster.connectString(), "--results=" + results, "--page=" + page));
        arguments.addAll(List.of(options));
        return Main.commandLine().execute(arguments.toArray(String[]::new));
    }

    private List<Row> rows() throws Exception {
        try (Reader reader = Files.newBufferedReader(results)) {
            return ResultsFile.read(reader);
        }
    }

    private static double valueOf(String workload, List<Row> rows) {
        Row row = rows.stream()
                .filter(candidate -> candidate.workload().equals(workload))
                .findFirst()
                .orElseThrow();
        Double value = row.value();
        return value == null ? Double.NaN : value;
    }
}
