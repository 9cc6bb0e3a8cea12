package io.caskade.bench.comparison;

import java.io.PrintStream;
import java.util.Locale;

/// Prints the figures of each load as they come, and how many loads of a run are done. For one thread.
public final class Progress {

    private final int loads;
    private final PrintStream out;
    private int done;

    /// @param loads how many there will be
    /// @param out gets the lines
    public Progress(int loads, PrintStream out) {
        this.loads = loads;
        this.out = out;
    }

    /// A load was measured.
    ///
    /// @param p50 microseconds
    /// @param p99 microseconds
    /// @param more what else there is to say of it
    void addLoad(String name, String contender, double perSecond, double p50, double p99, String more) {
        done++;
        out.printf(
                Locale.ROOT,
                "%d of %d  %-25s %-12s %,10.0f op/s  p50 %,.0f us  p99 %,.0f us  %s%n",
                done,
                loads,
                name,
                contender,
                perSecond,
                p50,
                p99,
                more);
    }

    /// A load was left out.
    void skipLoad(String name, String contender, String reason) {
        done++;
        out.printf(Locale.ROOT, "%d of %d  %-25s %-12s skipped: %s%n", done, loads, name, contender, reason);
    }

    /// Says anything else.
    void print(String line) {
        out.println(line);
    }
}
