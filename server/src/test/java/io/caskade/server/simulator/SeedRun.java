package io.caskade.server.simulator;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Runs one seed and says what it broke, null when nothing; for those who load the simulator anew.
public final class SeedRun implements LongFunction<@Nullable String> {

    /// A run to come.
    public SeedRun() {}

    @Override
    public @Nullable String apply(long seed) {
        try {
            Coverage _ = new Simulation(seed, null).run();
            return null;
        } catch (InvariantBroken broken) {
            return broken.invariant();
        } catch (RuntimeException | AssertionError e) {
            return e.toString();
        }
    }
}
