package io.caskade.bitcask.record;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Tells the time by which a log's records expire: the wall clock's, or the log's where that is ahead of it.
///
/// The log keeps the newest time that anyone has gone by, so this time never goes back. Nor does it stand
/// still: while it is ahead of the wall clock it goes on with the monotonic clock, a sixteenth slower, so
/// that the wall clock comes up with it.
///
/// A wall clock that goes ahead at once, by more than the tolerance, is not followed until it has stayed
/// ahead for as long: what has expired by a wrong clock is lost. A machine that was suspended looks the
/// same; what is to expire does so that much later. When a process starts nothing can be compared, so any
/// clock is followed.
///
/// Thread-safe. Reads no clock itself.
public final class LogClock {

    /// How far the wall clock may be ahead at once, and how long it must stay there, to be followed.
    public static final long TOLERANCE_MILLIS = Duration.ofMinutes(5).toMillis();

    /// It goes on slower by one part in two to the power of this.
    private static final int SLOWED_BY = 4;

    private static final long NOT_DOUBTED = Long.MAX_VALUE;

    private final Observer observer;
    private final AtomicReference<@Nullable Reading> last = new AtomicReference<>();

    /// What is known since a reading that changed anything.
    ///
    /// @param time the log clock's
    /// @param monotonic the monotonic clock's
    /// @param doubtedSince since when the wall clock is not followed, by the monotonic clock
    /// @param ahead whether the log's time was ahead of the wall clock by more than the tolerance
    private record Reading(long time, long monotonic, long doubtedSince, boolean ahead) {
        boolean doubts() {
            return doubtedSince != NOT_DOUBTED;
        }

        long passed(long monotonicNow) {
            return Math.max(0, monotonicNow - monotonic);
        }

        long expected(long monotonicNow) {
            return time + passed(monotonicNow);
        }

        boolean isJump(long wall, long monotonicNow) {
            return wall - expected(monotonicNow) > TOLERANCE_MILLIS;
        }

        long slowed(long monotonicNow) {
            long passed = passed(monotonicNow);
            return time + passed - (passed >> SLOWED_BY);
        }
    }

    /// Is told what an operator should know, once for each time it happens.
    @FunctionalInterface
    public interface Observer {
        /// Does nothing.
        Observer NONE = what -> {};

        /// Something is wrong with a clock.
        void onClockFault(String what);
    }

    /// A clock that has not been read yet.
    public LogClock(Observer observer) {
        this.observer = observer;
    }

    /// The time, Unix milliseconds.
    ///
    /// @param wall the wall clock's, Unix milliseconds
    /// @param monotonic milliseconds since an arbitrary point, that never go back
    /// @param logTime the newest time in the log
    public long at(long wall, long monotonic, long logTime) {
        while (true) {
            Reading before = last.get();
            Reading now = before == null
                    ? new Reading(Math.max(wall, logTime), monotonic, NOT_DOUBTED, logTime - wall > TOLERANCE_MILLIS)
                    : next(before, wall, monotonic, logTime);
            if (now.equals(before)) {
                return now.slowed(monotonic);
            }
            if (last.compareAndSet(before, now)) {
                report(before, now, wall);
                return now.time();
            }
        }
    }

    /// @return `before` while the time just goes on from there
    private static Reading next(Reading before, long wall, long monotonic, long logTime) {
        boolean jumped = before.isJump(wall, monotonic);
        long doubtedSince = jumped ? Math.min(before.doubtedSince(), monotonic) : NOT_DOUBTED;
        boolean follows = !jumped || monotonic - doubtedSince >= TOLERANCE_MILLIS;
        long slowed = before.slowed(monotonic);
        long time = Math.max(Math.max(slowed, logTime), follows ? wall : before.expected(monotonic));
        boolean ahead = time - wall > TOLERANCE_MILLIS;
        boolean goesOn = time == slowed && follows != before.doubts() && ahead == before.ahead();
        return goesOn ? before : new Reading(time, monotonic, follows ? NOT_DOUBTED : doubtedSince, ahead);
    }

    private void report(@Nullable Reading before, Reading now, long wall) {
        if (now.doubts() && (before == null || !before.doubts())) {
            observer.onClockFault("the clock has gone ahead by " + words(wall - now.time()) + " at once, to "
                    + Instant.ofEpochMilli(wall) + "; unless it is set right within " + words(TOLERANCE_MILLIS)
                    + " it is followed, and what expires until then is gone (after a suspension that is right)");
        } else if (before != null && before.doubts() && !now.doubts() && before.isJump(wall, now.monotonic())) {
            observer.onClockFault("the clock has stayed ahead; time is " + Instant.ofEpochMilli(wall) + " from now on");
        }
        if (now.ahead() && (before == null || !before.ahead())) {
            observer.onClockFault("the log's time, " + Instant.ofEpochMilli(now.time()) + ", is "
                    + words(now.time() - wall)
                    + " ahead of this machine's clock: a clock was wrong when it was written,"
                    + " or this one is; what should expire by this clock has expired already, and the log's time goes"
                    + " on from there (see \"A clock that was wrong\" in docs/operations.md)");
        }
    }

    private static String words(long millis) {
        Duration length = Duration.ofMillis(millis);
        if (length.toDays() > 0) {
            return length.toDays() + " days";
        }
        return length.toHours() > 0
                ? length.toHours() + " h " + length.toMinutesPart() + " min"
                : length.toMinutes() + " min";
    }
}
