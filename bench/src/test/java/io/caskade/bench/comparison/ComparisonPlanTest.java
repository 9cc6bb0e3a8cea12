package io.caskade.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonPlanTest {

    @Test
    void aRunSaysWhatItsFiguresDependOn() {
        ComparisonPlan plan = new ComparisonPlan(
                new Records(100_000, 100),
                List.of(new LoadShape(50, 1)),
                3,
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                Duration.ofMinutes(2),
                Duration.ofSeconds(30),
                Path.of(""),
                Path.of(""));

        assertThat(plan.describe())
                .isEqualTo("100,000 keys, values of 100 B; medians of 3 measurements of 10 s, each after 0.5 s of the"
                        + " same load");
        assertThat(plan.warmTime()).isEqualTo(Duration.ofSeconds(30));
    }
}
