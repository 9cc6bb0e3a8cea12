package io.caskade.server.simulator;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Runs one seed in which nodes pass requests on, and says what it broke, null when nothing; for those who load
/// the simulator again.
public final class ProxySeedRun implements LongFunction<@Nullable String> {

    /// A run to come.
    public ProxySeedRun() {}

    @Override
    public @Nullable String apply(long seed) {
        return switch (Trial.proxying(seed).failure()) {
            case null -> null;
            case InvariantBroken broken -> broken.invariant();
            case Throwable other -> other.toString();
        };
    }
}
