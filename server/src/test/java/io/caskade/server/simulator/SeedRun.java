package io.caskade.server.simulator;

import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Runs one seed and says what it broke, null when nothing; for those who load the simulator again.
public final class SeedRun implements LongFunction<@Nullable String> {

    /// A run to come.
    public SeedRun() {}

    @Override
    public @Nullable String apply(long seed) {
        Trial trial = Trial.of(seed, Set.of(), null);
        return switch (trial.failure()) {
            case null -> null;
            case InvariantBroken broken -> broken.invariant();
            case Throwable other -> other.toString();
        };
    }
}
