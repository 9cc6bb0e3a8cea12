package io.caskade.bitcask.store.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.store.index.SegmentStats;
import io.caskade.bitcask.store.merge.MergePolicy.Order;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is merged first, and how much it costs to find that out.
final class MergePolicyTest {

    private static final int RECORD_BYTES = 1_000;
    private static final int RECORDS = 10;
    private static final long SEGMENT = RECORDS * RECORD_BYTES;

    private final SegmentStats stats = new SegmentStats();
    private final List<SealedSegment> sealed = new ArrayList<>();

    /// Counts how often its elements are looked at.
    private static final class Counted extends AbstractList<SealedSegment> implements RandomAccess {
        private final List<SealedSegment> all;
        private long looks;

        Counted(List<SealedSegment> all) {
            this.all = all;
        }

        @Override
        public SealedSegment get(int i) {
            looks++;
            return all.get(i);
        }

        @Override
        public int size() {
            return all.size();
        }
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void eachSegmentIsLookedAtAFewTimesHoweverManyThereAre(Order order) {
        for (int i = 0; i < 16_000; i++) {
            addSegment(1);
        }
        Counted all = new Counted(sealed);
        assertThat(policy(order).choose(all, stats, 0, 0)).isEmpty();
        assertThat(policy(order).chooseDead(all, stats, 0)).isEmpty();
        assertThat(all.looks).isLessThan(20L * sealed.size());
    }

    @Test
    void whenMergesFallBehindTheDeadestComesFirst() {
        addSegment(3);
        addSegment(0);
        addSegment(7);
        addSegment(5);
        assertThat(policy(Order.DEADEST_FIRST)
                        .choose(sealed, stats, 0, 0)
                        .orElseThrow()
                        .segments())
                .contains(sealed.get(2));
        assertThat(policy(Order.OLDEST_FIRST)
                        .choose(sealed, stats, 0, 0)
                        .orElseThrow()
                        .segments())
                .contains(sealed.getFirst());
    }

    @Test
    void whatIsWhollyDeadIsFoundBehindWhatIsNot() {
        addSegment(9);
        addSegment(0);
        addSegment(RECORDS);
        addSegment(RECORDS);
        MergePolicy.Run run =
                policy(Order.OLDEST_FIRST).chooseDead(sealed, stats, 0).orElseThrow();
        assertThat(run.segments()).isEqualTo(sealed.subList(2, 4));
        assertThat(run.dead()).containsExactlyInAnyOrder(2, 3);
    }

    private static MergePolicy policy(Order order) {
        return new MergePolicy(0.25, SEGMENT, () -> Long.MAX_VALUE, false, order);
    }

    /// A segment of which so many records are dead.
    private void addSegment(int dead) {
        int number = sealed.size();
        long base = 1 + (long) number * RECORDS;
        sealed.add(new SealedSegment(number, base, base + RECORDS - 1, SEGMENT));
        long[] columns = new long[SegmentStats.COLUMNS];
        columns[0] = SEGMENT;
        columns[1] = SEGMENT - (long) dead * RECORD_BYTES;
        stats.restore(number, columns);
    }
}
