package io.caskade.server.simulator;

import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;

/// Shrinks a failing seed and says by how much; for those who load the simulator again.
public final class ShrinkRun implements LongFunction<List<Integer>> {

    /// A search to come.
    public ShrinkRun() {}

    /// @return how many faults struck in the run of the seed, in the smallest one that failed in the same way,
    ///     and in that one when it was run again and failed again, or -1 if it did not
    @Override
    public List<Integer> apply(long seed) {
        Trial failing = Trial.of(seed, Set.of(), null);
        Trial smallest = Shrinking.shrink(failing);
        Trial again = Trial.of(seed, smallest.left(), null);
        return List.of(
                failing.struck().size(),
                smallest.struck().size(),
                again.kind().equals(failing.kind()) ? again.struck().size() : -1);
    }
}
