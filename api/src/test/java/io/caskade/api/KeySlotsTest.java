package io.caskade.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeySlotsTest {

    @ParameterizedTest
    @CsvSource({"123456789, 12739", "foo, 12182", "somekey, 11058", "foo{hash_tag}, 2515", "hash_tag, 2515"})
    void slotsAreThoseOfRedisCluster(String key, int slot) {
        assertThat(KeySlots.slotOf(key.getBytes(UTF_8))).isEqualTo(slot);
    }

    @Test
    void keysWithTheSameHashTagShareASlot() {
        assertThat(slot("{user1000}.following")).isEqualTo(slot("{user1000}.followers"));
    }

    @Test
    void anEmptyHashTagCountsAsPartOfTheKey() {
        assertThat(slot("foo{}{bar}")).isNotEqualTo(slot("bar"));
    }

    @Test
    void onlyTheFirstBraceOpensAHashTag() {
        assertThat(slot("foo{{bar}}zap")).isEqualTo(slot("{bar"));
    }

    @Test
    void partitionsCoverAllSlotsInRangesOfEqualSizeUpToOne() {
        for (int partitions : new int[] {1, 3, 4, 7, 100}) {
            int[] sizes = new int[partitions];
            int previous = 0;
            for (int slot = 0; slot < KeySlots.COUNT; slot++) {
                int partition = KeySlots.partitionOf(slot, partitions);
                assertThat(partition).isBetween(previous, previous + 1);
                sizes[partition]++;
                previous = partition;
            }
            int least = KeySlots.COUNT / partitions;
            assertThat(sizes)
                    .containsOnly(Arrays.stream(sizes)
                            .filter(size -> size == least || size == least + 1)
                            .toArray());
        }
    }

    private static int slot(String key) {
        return KeySlots.slotOf(key.getBytes(UTF_8));
    }
}
