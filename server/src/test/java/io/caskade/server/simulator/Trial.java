package io.caskade.server.simulator;

import io.caskade.server.simulator.Injections.Injection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run of a seed, without some of its faults, and how it ended.
///
/// @param left the faults that did not strike
/// @param struck those that did
/// @param failure what went wrong, null when nothing did
record Trial(
        long seed,
        Set<Integer> left,
        List<Injection> struck,
        Coverage coverage,
        @Nullable Throwable failure) {

    /// @param transcript is told all that happens, unless it is null
    static Trial of(long seed, Set<Integer> left, @Nullable Consumer<String> transcript) {
        return of(new Simulation(seed, left, transcript), seed, left);
    }

    /// A run in which clients ask any node, and nodes pass on what others must answer.
    static Trial proxying(long seed) {
        return of(new Simulation(seed, Set.of(), null, true), seed, Set.of());
    }

    private static Trial of(Simulation simulation, long seed, Set<Integer> left) {
        Throwable failure = null;
        try {
            simulation.run();
        } catch (RuntimeException | AssertionError e) {
            failure = e;
        }
        return new Trial(seed, left, simulation.injections().struck(), simulation.coverage(), failure);
    }

    boolean fails() {
        return failure != null;
    }

    /// What sort of failure it is: the invariant that was broken, or what was thrown.
    String kind() {
        return switch (failure) {
            case null -> "";
            case InvariantBroken broken -> broken.invariant();
            default -> failure.getClass().getSimpleName();
        };
    }
}
