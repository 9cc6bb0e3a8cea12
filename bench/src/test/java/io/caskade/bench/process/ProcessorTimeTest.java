package io.caskade.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ProcessorTimeTest {

    @Test
    void userAndSystemTimeAreFoundBehindANameWithSpacesAndParentheses() {
        String stat = "4242 (a (strange) name) S 1 4242 4242 0 -1 4194304 100 0 0 0 150 30 7 8 20 0 1 0 100 1000 200";

        assertThat(ProcessorTime.parse(stat)).isEqualTo(Duration.ofMillis(1800));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aProcessThatComputesUsesTime() throws Exception {
        long self = ProcessHandle.current().pid();
        Duration before = ProcessorTime.of(List.of(self));
        Duration after = before;
        while (after.equals(before)) {
            after = ProcessorTime.of(List.of(self));
        }

        assertThat(after).isGreaterThan(before);
        assertThat(ProcessorTime.of(List.of(self, self))).isGreaterThan(before.multipliedBy(2));
    }
}
