package io.caskade.bitcask.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LogClockTest {

    private static final long START = 1_800_000_000_000L;
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private final List<String> faults = new ArrayList<>();
    private final LogClock clock = new LogClock(faults::add);
    private long wall = START;
    private long monotonic = 5_000;
    private long logTime;

    private long read() {
        return clock.at(wall, monotonic, logTime);
    }

    private void pass(long millis) {
        wall += millis;
        monotonic += millis;
    }

    @Test
    void itIsTheWallClockWhileThatIsRight() {
        for (int i = 0; i < 100; i++) {
            assertThat(read()).isEqualTo(wall);
            pass(1 + i * HOUR);
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void aClockThatIsAheadForAMomentIsNotFollowed() {
        read();
        wall += HOUR;
        pass(10);
        assertThat(read()).isEqualTo(START + 10);
        wall -= HOUR;
        pass(10);
        assertThat(read()).isEqualTo(START + 20);
        assertThat(faults).singleElement().asString().contains("gone ahead by 1 h 0 min at once");
    }

    @Test
    void aClockThatStaysAheadIsFollowed() {
        read();
        wall += HOUR;
        assertThat(read()).isEqualTo(START);
        pass(LogClock.TOLERANCE_MILLIS - 1);
        assertThat(read()).isEqualTo(wall - HOUR);
        pass(1);
        assertThat(read()).isEqualTo(wall);
        assertThat(faults).hasSize(2).last().asString().contains("has stayed ahead");
    }

    @Test
    void aSmallCorrectionIsFollowedAtOnce() {
        read();
        wall += LogClock.TOLERANCE_MILLIS;
        assertThat(read()).isEqualTo(wall);
        assertThat(faults).isEmpty();
    }

    @Test
    void aLogThatIsAheadGoesOnAndLetsTheClockComeUp() {
        logTime = START + HOUR;
        assertThat(read()).isEqualTo(logTime);
        pass(16_000);
        assertThat(read()).isEqualTo(logTime + 15_000);
        assertThat(faults).singleElement().asString().contains("is 1 h 0 min ahead of this machine's clock");
        pass(16 * HOUR);
        assertThat(read()).isEqualTo(wall);
    }

    @Test
    void aClockThatIsSetBackIsToldAndTimeGoesOn() {
        read();
        wall -= HOUR;
        read();
        pass(1600);
        assertThat(read()).isEqualTo(START + 1500);
        assertThat(faults).singleElement().asString().contains("is 1 h 0 min ahead of this machine's clock");
    }

    @Test
    void itNeverGoesBackAndNeverStandsStill() {
        Random random = new Random(7);
        long before = read();
        for (int i = 0; i < 100_000; i++) {
            long passed = random.nextInt(1000);
            pass(passed);
            wall += random.nextInt(20) == 0 ? random.nextLong(-2 * HOUR, 2 * HOUR) : 0;
            logTime = random.nextInt(50) == 0 ? Math.max(logTime, before + random.nextInt(1000)) : logTime;
            long now = read();
            assertThat(now)
                    .isGreaterThanOrEqualTo(before + passed - passed / 16 - 1)
                    .isGreaterThanOrEqualTo(logTime);
            before = now;
        }
    }
}
