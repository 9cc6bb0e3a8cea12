package io.caskade.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComparisonScheduleTest {

    private static final InstalledPeers NONE = new InstalledPeers(false, false, false);
    private static final InstalledPeers ALL = new InstalledPeers(true, true, true);

    private static final ComparisonPlan PLAN = new ComparisonPlan(
            new Records(20_000, 100),
            List.of(new LoadShape(50, 1), new LoadShape(50, 16), new LoadShape(64, 1)),
            2,
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(40),
            Duration.ofSeconds(5),
            Path.of(""),
            Path.of(""));

    private static ComparisonSchedule schedule(InstalledPeers peers, ComparisonPart... parts) {
        return ComparisonSchedule.of(PLAN, Set.of(parts), peers);
    }

    @Test
    void loadsAreThoseOfAllShapesAndRoundsAndTheHalfPeak() {
        int each = 2 * (3 * 2 + 1);
        assertThat(schedule(NONE, ComparisonPart.THREE_NODES).loads()).isEqualTo(3 * each);
        assertThat(schedule(ALL, ComparisonPart.THREE_NODES).loads()).isEqualTo(5 * each);
        assertThat(schedule(NONE, ComparisonPart.ONE_NODE).loads()).isZero();
        assertThat(schedule(ALL, ComparisonPart.ONE_NODE).loads()).isEqualTo(2 * 2 * 2 * 2);
        assertThat(schedule(ALL, ComparisonPart.LIMITS, ComparisonPart.COLD, ComparisonPart.IDLE)
                        .loads())
                .isZero();
    }

    @Test
    void timeIsThatOfMeasuringWarmingAndStarting() {
        Duration measuring = Duration.ofMillis(2500).multipliedBy(5 * 14);
        Duration warming = Duration.ofSeconds(6).multipliedBy(5 * 2);

        assertThat(schedule(ALL, ComparisonPart.THREE_NODES).time())
                .isGreaterThan(measuring.plus(warming))
                .isLessThan(measuring.plus(warming).plusSeconds(120));
        assertThat(schedule(ALL, ComparisonPart.COLD).time())
                .isBetween(PLAN.later(), PLAN.later().plusSeconds(60));
    }

    @Test
    void aClusterIsStartedOnceForAllOfItsParts() {
        Duration apart = schedule(ALL, ComparisonPart.COLD)
                .time()
                .plus(schedule(ALL, ComparisonPart.THREE_NODES).time());

        assertThat(schedule(ALL, ComparisonPart.COLD, ComparisonPart.THREE_NODES)
                        .time())
                .isLessThan(apart);
    }

    @Test
    void aRunSaysHowLongItTakes() {
        assertThat(new ComparisonSchedule(165, Duration.ofSeconds(29 * 60 + 40)).describe())
                .startsWith("takes about 30 min: 165 measurements");
        assertThat(new ComparisonSchedule(0, Duration.ofSeconds(20)).describe()).startsWith("takes less than a minute");
    }
}
