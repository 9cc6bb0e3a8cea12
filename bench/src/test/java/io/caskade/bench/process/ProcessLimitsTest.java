package io.caskade.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessLimitsTest {

    @Test
    void theSoftLimitOfOpenFilesCounts() {
        assertThat(ProcessLimits.parseOpenFiles(List.of(
                        "Limit                     Soft Limit           Hard Limit           Units",
                        "Max open files            1024                 20000                files")))
                .isEqualTo(1024);
        assertThat(ProcessLimits.parseOpenFiles(List.of("Max open files   unlimited   unlimited   files")))
                .isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> ProcessLimits.parseOpenFiles(List.of())).hasMessageContaining("Max open files");
    }

    @Test
    void residentMemoryIsInKibibytes() {
        assertThat(ProcessLimits.parseResident(List.of("VmSize:\t  999 kB", "VmRSS:\t  12345 kB")))
                .isEqualTo(12345 * 1024);
    }
}
