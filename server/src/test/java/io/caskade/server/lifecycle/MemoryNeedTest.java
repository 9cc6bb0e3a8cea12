package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What a node says of the memory that its settings need.
final class MemoryNeedTest {

    private static final long MIB = 1 << 20;

    private static MemoryNeed need(int partitions, int peers, long cache, long heap) {
        return new MemoryNeed(
                new MemoryNeed.Settings(partitions, peers, 64 * MIB, 32 * MIB, cache, 1024 * MIB, 16 * MIB), heap);
    }

    @Test
    void theDefaultsFitIntoTheDefaultHeapWithThreeCopies() {
        MemoryNeed need = need(4, 2, 64 * MIB, 512 * MIB);

        assertThat(need.shortage()).isEmpty();
        assertThat(need.impossibility()).isEmpty();
        assertThat(need.summary())
                .contains("limits.reads", "limits.in-flight", "storage.cache-size", "limits.keydir", "512MiB");
    }

    @Test
    void aHeapThatIsTooSmallIsNamedWithTheSettings() {
        MemoryNeed need = need(4, 2, 64 * MIB, 256 * MIB);

        assertThat(need.shortage())
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("256MiB", "CASKADE_HEAP", "limits.reads", "limits.in-flight", "storage.cache-size"));
        assertThat(need.impossibility()).isEmpty();
    }

    @Test
    void aCacheThatDoesNotFitIsImpossible() {
        assertThat(need(4, 2, 512 * MIB, 512 * MIB).impossibility())
                .hasValueSatisfying(text -> assertThat(text).contains("storage.cache-size 512MiB", "512MiB"));
    }

    @Test
    void manyPartitionsShareTheirBounds() {
        MemoryNeed need = need(1024, 2, 64 * MIB, 1024 * MIB);

        assertThat(need.maxWriteBytes()).isEqualTo(256 * MIB);
        assertThat(need.maxAppendBytes()).isEqualTo(64 * MIB);
        assertThat(need.shortage()).isEmpty();
    }
}
