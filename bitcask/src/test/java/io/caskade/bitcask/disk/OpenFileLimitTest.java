package io.caskade.bitcask.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How the limit of open files is read.
final class OpenFileLimitTest {

    @Test
    void theLimitIsTheSoftOne() {
        assertThat(OpenFileLimit.parse(List.of(
                        "Limit                     Soft Limit           Hard Limit           Units     ",
                        "Max processes             127456               127456               processes ",
                        "Max open files            1024                 524288               files     ")))
                .hasValue(1024);
    }

    @Test
    void noLimitIsNoNumber() {
        assertThat(OpenFileLimit.parse(
                        List.of("Max open files            unlimited            unlimited            files     ")))
                .isEmpty();
        assertThat(OpenFileLimit.parse(List.of())).isEmpty();
    }

    @Test
    void theProcessKnowsItsLimitOnLinux() {
        assumeThat(Path.of("/proc/self/limits")).exists();
        assertThat(OpenFileLimit.ofProcess()).isNotEmpty();
    }
}
