package io.caskade.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryUseTest {

    private static final List<String> MAPPINGS = List.of(
            "7f00-7f01 rw-p 00000000 00:00 0 ",
            "Size:                 64 kB",
            "Rss:                   1 kB",
            "7f01-7f02 rw-p 00000000 00:00 0                          [heap]",
            "Rss:                  10 kB",
            "7f02-7f03 r--p 00000000 fe:00 12                         /usr/lib/libc.so.6",
            "Rss:                 100 kB",
            "7f03-7f04 r--s 00000000 fe:00 13                         /data/store/0000000001.log",
            "Rss:                1000 kB",
            "7f04-7f05 r--s 00000000 fe:00 14                         /data/store/keydir",
            "Rss:               10000 kB");

    @Test
    void mappedRecordsAndLibrariesDoNotCount() {
        assertThat(MemoryUse.resident(MAPPINGS, EngineKind.CASKADE, Path.of("/data/store")))
                .isEqualTo(10_011 * 1024);
    }
}
