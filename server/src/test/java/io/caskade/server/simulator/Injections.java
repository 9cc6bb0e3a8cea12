package io.caskade.server.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// The faults of a run, numbered in the order they come up; those that a search for fewer leaves out do not
/// strike. What one does depends on the seed and its number alone, so that it does the same without the others.
final class Injections {

    /// A fault that struck.
    record Injection(int number, long at, String what) {
        @Override
        public String toString() {
            return "#" + number + " at " + at + " ms: " + what;
        }
    }

    private final long seed;
    private final Set<Integer> left;
    private final List<Injection> struck = new ArrayList<>();
    private int count;

    /// @param left the numbers of those that do not strike
    Injections(long seed, Set<Integer> left) {
        this.seed = seed;
        this.left = Set.copyOf(left);
    }

    /// Begins the next one.
    ///
    /// @return what decides its course, or nothing if it does not strike
    Optional<RandomGenerator> next() {
        count++;
        return left.contains(count) ? Optional.empty() : Optional.of(new SplittableRandom((seed << 20) + count));
    }

    /// Notes what the newest one does.
    void note(long at, String what) {
        struck.add(new Injection(count, at, what));
    }

    List<Injection> struck() {
        return struck;
    }
}
