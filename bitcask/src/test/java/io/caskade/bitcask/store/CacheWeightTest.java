package io.caskade.bitcask.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Entry;
import org.junit.jupiter.api.Test;

/// What an entry of the cache counts for.
final class CacheWeightTest {

    @Test
    void theObjectsAroundTheBytesCountToo() {
        assertThat(EntryReader.weightOf(new Entry(new byte[10], new byte[100], 1, 0)))
                .isEqualTo(110 + EntryReader.OVERHEAD_BYTES);
        assertThat(EntryReader.OVERHEAD_BYTES).isBetween(150, 300);
    }
}
