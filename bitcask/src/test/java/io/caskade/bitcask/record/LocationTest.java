package io.caskade.bitcask.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class LocationTest {

    private static final int LONGEST =
            RecordFormat.HEADER_BYTES + RecordFormat.MAX_KEY_BYTES + RecordFormat.MAX_VALUE_BYTES;

    @Test
    void locationsRoundTripWithALengthOffByAtMostAnEighth() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            int segment = random.nextInt(Location.MAX_SEGMENTS);
            long offset = RecordFormat.HEADER_BYTES + random.nextLong(Integer.MAX_VALUE - 32L);
            int length = Math.clamp(32L + (random.nextLong(1L << 31) >>> random.nextInt(31)), 32, LONGEST);
            long location = Location.of(segment, offset, length);
            assertThat(location).isPositive();
            assertThat(Location.segment(location)).isEqualTo(segment);
            assertThat(Location.offset(location)).isEqualTo(offset);
            assertThat((double) Location.bytes(location)).isBetween(length * 0.875, length * 1.125);
            assertThat(Location.maxBytes(location)).isBetween((long) length, length + length / 4L);
        }
    }

    @Test
    void theLongestRecordAtTheLastOffsetHasALocation() {
        long location = Location.of(Location.MAX_SEGMENTS - 1, Integer.MAX_VALUE, LONGEST);
        assertThat(location).isPositive();
        assertThat((double) Location.bytes(location)).isBetween(LONGEST * 0.875, LONGEST * 1.125);
    }

    @Test
    void lengthClassesAreAsDocumented() {
        assertThat(Location.lengthClass(Location.of(0, 32, 32))).isZero();
        assertThat(Location.lengthClass(Location.of(0, 32, 39))).isZero();
        assertThat(Location.lengthClass(Location.of(0, 32, 40))).isEqualTo(1);
        assertThat(Location.lengthClass(Location.of(0, 32, 64))).isEqualTo(4);
        assertThat(Location.lengthClass(Location.of(0, 32, 79))).isEqualTo(4);
    }
}
