package io.caskade.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bench.comparison.RedisBenchmark.Result;
import io.caskade.bench.report.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisBenchmarkTest {

    @Test
    void figuresAreFoundByTheNamesOfTheColumns() {
        Result result = RedisBenchmark.parse("""
                WARNING: Could not fetch server CONFIG
                "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max"
                SET: rps=0.0 (overall: 0.0)\r"SET","1234.50","0.2","0.1","0.287","0.4","0.751","1.2"
                """);

        assertThat(result).isEqualTo(new Result(1234.5, 0.287, 0.751));
    }

    @Test
    void anOldVersionPrintsARateAlone() {
        Result result = RedisBenchmark.parse("\"SET\",\"99.5\"\n");

        assertThat(result.perSecond()).isEqualTo(99.5);
        assertThat(OneNodeComparison.rows("load", "redis", List.of(result)))
                .containsExactly(new Row("load", "redis", 99.5, "op/s", ""));
    }

    @Test
    void aProgramThatMeasuredNothingIsReported() {
        assertThatThrownBy(() -> RedisBenchmark.parse("Could not connect\n"))
                .hasMessageContaining("no figures: Could not connect");
    }

    @Test
    void roundsBecomeMedians() {
        List<Result> rounds = List.of(new Result(10, 1, 3), new Result(30, 2, 5), new Result(20, 9, 4));

        assertThat(OneNodeComparison.rows("load", "redis", rounds))
                .containsExactly(
                        new Row("load", "redis", 20.0, "op/s", ""),
                        new Row("load-p50", "redis", 2000.0, "us", ""),
                        new Row("load-p99", "redis", 4000.0, "us", ""));
    }
}
