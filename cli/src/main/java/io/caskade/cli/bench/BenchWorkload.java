package io.caskade.cli.bench;

import java.util.Locale;
import java.util.random.RandomGenerator;

/// What is asked of the cluster.
enum BenchWorkload {
    PUT,
    GET,
    /// As many reads as writes.
    MIX;

    boolean reads() {
        return this != PUT;
    }

    /// Whether the next operation is a write.
    boolean nextIsPut(RandomGenerator random) {
        return switch (this) {
            case PUT -> true;
            case GET -> false;
            case MIX -> random.nextBoolean();
        };
    }

    /// As typed.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
