package io.caskade.bitcask.store.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/// How long maintenance waits, by a clock that only its waits move.
final class RateLimiterTest {

    private static final long SECOND = 1_000_000_000;
    private static final int MIB = 1 << 20;

    private long nanos = 5;
    private long longest;
    private boolean stopping;

    @Test
    void theRateIsHeld() {
        RateLimiter pace = pace(64 * MIB);
        move(pace, 64 * MIB, 1_000);
        assertThat(nanos).isBetween(SECOND * 97 / 100, SECOND * 101 / 100);
    }

    @Test
    void theWaitsAreShort() {
        RateLimiter pace = pace(64 * MIB);
        move(pace, 64 * MIB, 1_000);
        assertThat(longest).isLessThan(SECOND / 400);
    }

    @Test
    void idleTimeIsNotMadeUpFor() {
        RateLimiter pace = pace(MIB);
        move(pace, MIB, 1_000);
        nanos += 100 * SECOND;
        long before = nanos;
        move(pace, MIB, 1_000);
        assertThat(nanos - before).isGreaterThan(SECOND * 9 / 10);
    }

    @Test
    void timeSpentWorkingCounts() {
        RateLimiter pace = pace(64 * MIB);
        long before = nanos;
        for (int i = 0; i < 512; i++) {
            nanos += SECOND / 1_000;
            pace.moved(MIB / 8);
        }
        assertThat(nanos - before).isBetween(SECOND * 98 / 100, SECOND * 102 / 100);
    }

    @Test
    void withoutALimitThereIsNoWait() {
        RateLimiter pace = pace(0);
        move(pace, 1 << 30, MIB);
        assertThat(nanos).isEqualTo(5);
    }

    @Test
    void stoppingEndsAWait() {
        for (long rate : new long[] {0, MIB}) {
            stopping = true;
            RateLimiter pace = pace(rate);
            assertThatThrownBy(() -> move(pace, MIB, 1_000)).isInstanceOf(CancellationException.class);
        }
    }

    private RateLimiter pace(long bytesPerSecond) {
        return new RateLimiter(bytesPerSecond, () -> nanos, this::pause);
    }

    private boolean pause(long wait) {
        longest = Math.max(longest, wait);
        nanos += wait;
        return stopping;
    }

    private static void move(RateLimiter pace, long bytes, int step) {
        for (long moved = 0; moved < bytes; moved += step) {
            pace.moved(step);
        }
    }
}
