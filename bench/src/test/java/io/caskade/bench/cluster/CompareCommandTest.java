package io.caskade.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bench.comparison.ComparisonPart;
import io.caskade.bench.comparison.ComparisonSchedule;
import io.caskade.bench.comparison.InstalledPeers;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CompareCommandTest {

    private static ComparisonSchedule ofAllParts(String... options) {
        CompareCommand command = CommandLine.populateCommand(new CompareCommand(), options);
        return ComparisonSchedule.of(
                command.plan(), EnumSet.allOf(ComparisonPart.class), new InstalledPeers(true, true, true));
    }

    @Test
    void aRunOfAllPartsBesideAllPeersTakesAtMostHalfAnHour() {
        assertThat(ofAllParts().time()).isLessThanOrEqualTo(Duration.ofMinutes(30));
    }

    @Test
    void aQuickOneTakesAtMostEightMinutes() {
        assertThat(ofAllParts("--quick").time()).isLessThanOrEqualTo(Duration.ofMinutes(8));
    }
}
