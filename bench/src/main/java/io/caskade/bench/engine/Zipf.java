package io.caskade.bench.engine;

import java.util.SplittableRandom;

/// Draws numbers below a bound so that a few are drawn most of the time: the number of rank `r` with
/// probability in proportion to `1 / (r + 1)^0.99`, as YCSB does, after Gray et al., "Quickly generating
/// billion-record synthetic databases", 1994. Immutable.
final class Zipf {

    private static final double SKEW = 0.99;

    private final long bound;
    private final double zeta;
    private final double eta;
    private final double alpha = 1 / (1 - SKEW);

    Zipf(long bound) {
        if (bound < 2) {
            throw new IllegalArgumentException("a bound of " + bound);
        }
        this.bound = bound;
        double sum = 0;
        for (long rank = 1; rank <= bound; rank++) {
            sum += Math.pow((double) rank, -SKEW);
        }
        this.zeta = sum;
        this.eta = (1 - Math.pow(2.0 / (double) bound, 1 - SKEW)) / (1 - (1 + Math.pow(2, -SKEW)) / zeta);
    }

    /// A rank, 0 the most likely.
    long next(SplittableRandom random) {
        double uniform = random.nextDouble();
        double scaled = uniform * zeta;
        if (scaled < 1) {
            return 0;
        }
        if (scaled < 1 + Math.pow(2, -SKEW)) {
            return 1;
        }
        return Math.min(bound - 1, (long) ((double) bound * Math.pow(eta * uniform - eta + 1, alpha)));
    }
}
