package io.caskade.cli.migration;

import io.caskade.cli.migration.MigrationState.Count;
import io.caskade.cli.migration.MigrationState.Phase;
import io.caskade.cli.process.CommandStreams;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/// Shows how far a migration is, how fast, and how long it may still take: in a line that is overwritten at a
/// terminal, otherwise in a line now and then. For one thread.
final class MigrationProgress {

    private static final long AT_TERMINAL_NANOS = Duration.ofMillis(200).toNanos();
    private static final long ELSEWHERE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();
    private static final double PERCENT = 100;

    private final CommandStreams streams;
    private final LongSupplier nanoTime;
    private Phase phase = Phase.DONE;
    private long begunNanos;
    private long listedBefore;
    private double fractionBefore;
    private long shownNanos;

    /// @param nanoTime the time, by which the rate is computed
    MigrationProgress(CommandStreams streams, LongSupplier nanoTime) {
        this.streams = streams;
        this.nanoTime = nanoTime;
    }

    /// A page is done.
    ///
    /// @param fraction how much of the phase is done; not a number when unknown
    void moved(MigrationState state, double fraction) {
        long now = nanoTime.getAsLong();
        if (phase != state.phase()) {
            phase = state.phase();
            begunNanos = now;
            shownNanos = now;
            listedBefore = state.count(Count.LISTED);
            fractionBefore = fraction;
            return;
        }
        if (now - shownNanos >= (streams.terminal() ? AT_TERMINAL_NANOS : ELSEWHERE_NANOS)) {
            shownNanos = now;
            show(text(state, fraction, now - begunNanos));
        }
    }

    private String text(MigrationState state, double fraction, long elapsedNanos) {
        long listed = state.count(Count.LISTED);
        double seconds = elapsedNanos / NANOS_PER_SECOND;
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %,d keys, %,.0f/s",
                phase == Phase.COPY ? "copying" : "comparing",
                listed,
                (listed - listedBefore) / seconds));
        double done = Math.min(1, fraction);
        if (done > fractionBefore) {
            double left = seconds * (1 - done) / (done - fractionBefore);
            text.append(String.format(Locale.ROOT, ", %.0f%%, about %s left", PERCENT * done, duration(left)));
        }
        return text.toString();
    }

    private static String duration(double seconds) {
        Duration left = Duration.ofSeconds(Math.round(seconds));
        if (left.toHours() > 0) {
            return left.toHours() + "h" + left.toMinutesPart() + "m";
        }
        return left.toMinutes() > 0 ? left.toMinutes() + "m" + left.toSecondsPart() + "s" : left.toSeconds() + "s";
    }

    private void show(String text) {
        if (streams.terminal()) {
            streams.showProgress(text);
        } else if (!streams.json()) {
            streams.err().println(text);
        }
    }
}
