package io.caskade.server.replica;

/// Lets a group wait for the writers that were just answered, as most of them write again at once: each group
/// costs every copy a sync and some messages, whatever its size. It is PostgreSQL's `commit_delay`, but for as
/// many writers as are expected, and seldom where they come at their own pace.
///
/// After a commit, a group waits until all but an eighth of the expected proposals are there: as many as the
/// commit answered, and those that waited already. It waits no longer than two commits take on average, and
/// never longer than [#MAX_MILLIS]. A writer alone never waits.
final class CommitDelay {

    static final long MAX_MILLIS = 2;

    /// The mean is kept in parts of a millisecond, as the clock's steps are coarse.
    private static final int PARTS = 1 << 10;

    private static final int MEAN_DIVISOR = 8;

    /// How much of the [Arrivals] counts after another delay.
    private static final double MEMORY = 0.875;

    /// Writers that wait for answers come so many times as fast after a commit as during one, at least.
    private static final int FASTER = 2;

    private static final int MISSING_DIVISOR = 8;

    /// How many commits at most are followed by no delay after one that was in vain.
    private static final int MAX_SKIPS = 64;

    /// How many proposals came within some time; the last ones count most.
    private static final class Arrivals {

        private double proposals;
        private double millis;

        void add(int number, long time) {
            proposals = MEMORY * proposals + number;
            millis = MEMORY * millis + time;
        }

        boolean areFasterThan(Arrivals others) {
            return proposals * others.millis > FASTER * others.proposals * millis;
        }
    }

    private final Arrivals duringCommits = new Arrivals();
    private final Arrivals duringDelays = new Arrivals();
    private long appendedAt;
    private long meanParts;

    // The last commit.
    private long committedAt;
    private long commitMillis;
    private int waitingThen;

    /// How many of the answered are expected back; 0 when no delay follows.
    private int expectedBack;

    private boolean delayed;
    private long wakeUpAt;

    private int skips;
    private int skipped;

    /// A group goes to the log.
    ///
    /// @param size its number of proposals
    void onAppend(int size, ClockReading now) {
        if (delayed) {
            duringCommits.add(waitingThen, commitMillis);
            duringDelays.add(size - waitingThen, now.monotonic() - committedAt);
            skips = duringDelays.areFasterThan(duringCommits) ? 0 : Math.clamp(2L * skips, 1, MAX_SKIPS);
        }
        delayed = false;
        expectedBack = 0;
        appendedAt = now.monotonic();
    }

    /// Proposals are committed.
    ///
    /// @param answered how many proposals are answered by it
    /// @param waiting how many wait for the next group
    void onCommit(int answered, int waiting, ClockReading now) {
        committedAt = now.monotonic();
        commitMillis = committedAt - appendedAt;
        meanParts += (PARTS * commitMillis - meanParts) / MEAN_DIVISOR;
        waitingThen = waiting;
        wakeUpAt = 0;
        boolean skip = skipped < skips;
        skipped = skip ? skipped + 1 : 0;
        expectedBack = skip ? 0 : answered;
    }

    /// Whether a group waits longer; then it must be looked at again after [#wakeUpAfter].
    ///
    /// @param size its number of proposals so far
    boolean delays(int size, ClockReading now) {
        boolean delays = expectedBack > 0 && !isEnough(size) && now.monotonic() < end();
        delayed |= delays;
        return delays;
    }

    private boolean isEnough(int size) {
        int expected = waitingThen + expectedBack;
        return size >= expected - expected / MISSING_DIVISOR;
    }

    private long end() {
        return committedAt + Math.min(2 * meanParts / PARTS, MAX_MILLIS);
    }

    /// After how many milliseconds the delay ends; 0 if that was asked before and has yet to come.
    long wakeUpAfter(ClockReading now) {
        if (now.monotonic() < wakeUpAt) {
            return 0;
        }
        wakeUpAt = end();
        return wakeUpAt - now.monotonic();
    }
}
