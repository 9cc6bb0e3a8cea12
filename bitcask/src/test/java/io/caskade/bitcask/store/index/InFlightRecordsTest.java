package io.caskade.bitcask.store.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.record.RecordKind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class InFlightRecordsTest {

    private final InFlightRecords records = new InFlightRecords();
    private final Keydir keydir = new Keydir();
    private final KeydirIndex index = new KeydirIndex(keydir);

    @Test
    void recordsAreAppliedInOrder() {
        Random random = new Random(1);
        Deque<Long> expected = new ArrayDeque<>();
        long last = 0;
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> {
                    last++;
                    records.add(last, RecordKind.PUT, last, -last, 100 + last, 0);
                    expected.addLast(last);
                }
                case 4 -> {
                    long kept = Math.max(expected.isEmpty() ? last : expected.getFirst() - 1, last - random.nextInt(3));
                    records.dropAfter(kept);
                    expected.removeIf(sequence -> sequence > kept);
                    last = kept;
                }
                default -> {
                    long upTo = random.nextLong(last + 1);
                    while (records.hasRecordUpTo(upTo)) {
                        long first = expected.removeFirst();
                        assertThat(first).isLessThanOrEqualTo(upTo);
                        records.applyFirst(index);
                        assertThat(keydir.find(new KeyHash(first, -first))).isEqualTo(100 + first);
                    }
                    assertThat(expected).noneMatch(sequence -> sequence <= upTo);
                }
            }
        }
        assertThat(last).isGreaterThan(1_000);
    }

    @Test
    void aMarkIsAppliedWithItsTime() {
        records.add(1, RecordKind.MARK, 0, 0, 40, 1_234);
        assertThat(records.hasRecordUpTo(0)).isFalse();
        assertThat(records.applyFirst(index)).isEqualTo(1_234);
        assertThat(records.hasRecordUpTo(1)).isFalse();
    }
}
