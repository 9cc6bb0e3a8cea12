package io.caskade.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.report.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonPageTest {

    private static Row row(String workload, String contender, double value) {
        return new Row(workload, contender, value, "op/s", "");
    }

    private static String line(String tables, String start) {
        return tables.lines()
                .filter(line -> line.startsWith("| " + start))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void goalsAreJudgedByRatiosWithinTheRun() {
        String tables = ComparisonPage.tables(List.of(
                row("one-node-put-50", "caskade-resp", 30_000),
                row("one-node-put-50", "redis", 15_000),
                row("one-node-get-50", "caskade-resp", 99),
                row("one-node-get-50", "redis", 100)));

        assertThat(line(tables, "one-node-put-50 ≥ 2 × redis")).contains("2.00 ×", "| met ");
        assertThat(line(tables, "one-node-get-50 ≥ 1 × redis")).contains("0.99 ×", "MISSED");
        assertThat(line(tables, "three-nodes-put-50 ≥ 5 × etcd")).contains("not measured");
    }

    @Test
    void theBestProtocolIsSetAgainstTheBestPeer() {
        String tables = ComparisonPage.tables(List.of(
                row("three-nodes-get-64", "caskade-grpc", 10),
                row("three-nodes-get-64", "caskade-resp", 40),
                row("three-nodes-get-64", "redis", 20),
                row("three-nodes-get-64", "etcd", 5)));

        assertThat(line(tables, "three-nodes-get-64 ≥ 2 × the best peer")).contains("2.00 ×", "| met ");
    }

    @Test
    void contendersStandSideBySideAndWhatIsMissingSaysWhy() {
        String tables = ComparisonPage.tables(List.of(
                row("load", "caskade-resp", 1500),
                row("other", "caskade-resp", 2),
                row("load", "redis", 3),
                new Row("other", "redis", null, "op/s", "failed: BUSY 3"),
                new Row("other-p50", "redis", null, "us", "failed: BUSY 3")));

        assertThat(line(tables, "op/s")).containsPattern("op/s +\\| caskade-resp +\\| redis");
        assertThat(line(tables, "load")).containsPattern("1,500 +\\| 3 ");
        assertThat(line(tables, "other")).containsPattern("2 +\\| – ");
        assertThat(tables).contains("- other of redis: failed: BUSY 3").doesNotContain("- other-p50");
    }

    @Test
    void aLoadWithFailuresOrWithoutSuccessHasNoFigures() {
        FailureCounts failures = new FailureCounts();
        failures.add(new IllegalStateException());
        LoadFigures good = new LoadFigures(10, 1, 2, 3, new FailureCounts());

        assertThat(LoadComparison.rows("load", "redis", List.of(good, new LoadFigures(9, 1, 2, 3, failures))))
                .allMatch(row -> row.value() == null && row.absent().equals("failed: IllegalStateException 1"));
        assertThat(LoadComparison.rows("load", "redis", List.of(new LoadFigures(0, 0, 0, 1, new FailureCounts()))))
                .allMatch(row -> row.value() == null);
        assertThat(LoadComparison.rows("load", "redis", List.of(good)))
                .containsExactly(
                        row("load", "redis", 10),
                        new Row("load-p50", "redis", 1.0, "us", ""),
                        new Row("load-p99", "redis", 2.0, "us", ""),
                        new Row("load-processors", "redis", 3.0, "us/op", ""));
    }

    @Test
    void shapesAreReadAsTheyAreWritten() {
        assertThat(LoadShape.parse("50")).isEqualTo(new LoadShape(50, 1)).hasToString("50");
        assertThat(LoadShape.parse("50x16")).isEqualTo(new LoadShape(50, 16)).hasToString("50x16");
        assertThat(LoadShape.parse("50x16").inFlight()).isEqualTo(800);
        assertThatThrownBy(() -> LoadShape.parse("0")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LoadShape.parse("5x")).isInstanceOf(IllegalArgumentException.class);
    }
}
