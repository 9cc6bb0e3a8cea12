package io.caskade.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bench.report.ResultsFile;
import io.caskade.bench.report.Row;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsTest {

    private final Results results = new Results();

    @Test
    void aRowIsTheMedianOfItsRounds() {
        results.add("fill", EngineKind.CASKADE, 10, "op/s");
        results.add("fill", EngineKind.CASKADE, 1000, "op/s");
        results.add("fill", EngineKind.CASKADE, 20, "op/s");
        results.add("fill", EngineKind.LMDB, 1, "op/s");
        results.add("fill", EngineKind.LMDB, 2, "op/s");

        assertThat(results.rows())
                .containsExactly(
                        new Row("fill", "caskade", 20.0, "op/s", ""), new Row("fill", "lmdb", 1.5, "op/s", ""));
    }

    @Test
    void aMissingResultStatesItsReason() throws IOException {
        results.add("fill", EngineKind.CASKADE, 12.5, "op/s");
        results.absent("fill", EngineKind.MAPDB, "op/s", "no");
        StringWriter json = new StringWriter();

        ResultsFile.write(results.rows(), json);

        assertThat(json.toString().lines().map(String::strip).toList())
                .isEqualTo(List.of(
                        "[",
                        "{ \"workload\" : \"fill\", \"engine\" : \"caskade\", \"value\" : 12.5, \"unit\" : \"op/s\" },",
                        "{ \"workload\" : \"fill\", \"engine\" : \"mapdb\", \"value\" : null, \"unit\" : \"op/s\", \"absent\" : \"no\" }",
                        "]"));
        assertThat(Report.absences(results.rows())).isEqualTo("- fill of mapdb: no\n");
    }

    @Test
    void goalsAreJudgedByRatio() {
        results.add("fill", EngineKind.CASKADE, 299, "op/s");
        results.add("fill", EngineKind.ROCKSDB, 100, "op/s");
        results.add("read-2", EngineKind.CASKADE, 150, "op/s");
        results.add("read-2", EngineKind.LMDB, 100, "op/s");
        results.absent("put-latency-merging-p999", EngineKind.CASKADE, "us", "none yet");

        assertThat(EngineGoals.judge(results, Plan.quick()))
                .contains(
                        new EngineGoals.Judged("fill ≥ 3 × rocksdb", "2.99 ×", "MISSED"),
                        new EngineGoals.Judged("read-2 ≥ 1.5 × lmdb", "1.50 ×", "met"),
                        new EngineGoals.Judged("read-1 ≥ 2 × lmdb", "–", "not measured"),
                        new EngineGoals.Judged(
                                "put-latency-merging p99.9 ≤ 3 × without", "–", "not measured: none yet"));
    }
}
