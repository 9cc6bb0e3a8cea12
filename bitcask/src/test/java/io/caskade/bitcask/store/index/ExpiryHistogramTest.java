package io.caskade.bitcask.store.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ExpiryHistogramTest {

    private static final long FROM = 1_700_000_000_000L;

    @Test
    void estimatedTimesAreNeverEarlyAndAtMostAnEighthLate() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            long span = 1L << random.nextInt(45);
            long[] times =
                    random.longs(1 + random.nextInt(500), 0, span).sorted().toArray();
            ExpiryHistogram expiries = new ExpiryHistogram(FROM);
            Arrays.stream(times).forEach(time -> expiries.add(FROM + time, 10));
            assertThat(expiries.bytes()).isEqualTo(10L * times.length);
            for (int part = 0; part < ExpiryHistogram.STEPS; part++) {
                int needed = Math.ceilDiv(times.length * (part + 1), ExpiryHistogram.STEPS);
                long exact = times[needed - 1];
                assertThat(expiries.part(part) - FROM)
                        .as("seed %d, part %d", seed, part)
                        .isBetween(exact, exact + exact / 8);
            }
        }
    }

    @Test
    void recordsAlreadyExpiredCountFromTheStart() {
        ExpiryHistogram expiries = new ExpiryHistogram(FROM);
        expiries.add(1, 100);
        assertThat(expiries.part(ExpiryHistogram.STEPS - 1)).isEqualTo(FROM);
    }

    @Test
    void theLatestPossibleTimeIsSupported() {
        ExpiryHistogram expiries = new ExpiryHistogram(FROM);
        expiries.add(Long.MAX_VALUE, 100);
        assertThat(expiries.part(0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void withoutExpiriesThereIsNoTime() {
        assertThat(new ExpiryHistogram(FROM).part(0)).isZero();
    }
}
