package io.caskade.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bench.report.ResultsFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineBenchmarkTest {

    private static final List<String> WORKLOADS = List.of(
            "fill",
            "fill-fsync-1",
            "fill-fsync-16",
            "read-1",
            "read-2",
            "read-zipf-1",
            "read-zipf-2",
            "read-newest-1",
            "read-newest-2",
            "mix-1",
            "mix-2",
            "reopen-clean",
            "reopen-killed",
            "space-amplification",
            "overwrite-df-peak",
            "overwrite-df-settled",
            "overwrite-put-p50",
            "overwrite-put-p99",
            "overwrite-put-p999",
            "put-latency-p50",
            "put-latency-p99",
            "put-latency-p999");

    @TempDir
    Path directory;

    @Test
    void everyEngineRunsEveryWorkload() throws IOException {
        PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Results results = new EngineBenchmark(
                        Plan.smoke(), List.of(EngineKind.values()), directory.resolve("stores"), 1, silent)
                .run();

        for (EngineKind kind : EngineKind.values()) {
            assertThat(WORKLOADS)
                    .allSatisfy(workload -> assertThat(results.value(workload, kind.id()))
                            .as("%s of %s", workload, kind)
                            .isPresent());
        }
        assertThat(results.rows())
                .noneMatch(row -> row.value() == null && row.absent().isEmpty());
        assertThat(EngineGoals.judge(results, Plan.smoke())).hasSize(14);
        assertThat(Report.tables(results, Plan.smoke())).contains("fill ≥ 3 × rocksdb", "| read-zipf-2 ");
        Charts.write(results, directory.resolve("charts"));
        assertThat(directory.resolve("charts/reads.png")).isNotEmptyFile();
        StringWriter json = new StringWriter();
        ResultsFile.write(results.rows(), json);
        assertThat(json.toString()).contains("\"workload\"", "\"put-latency-merging-p999\"", "\"absent\"");
    }
}
