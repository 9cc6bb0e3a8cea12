package io.caskade.bench.load;

import io.caskade.bench.data.KeyValues;
import java.util.ArrayList;
import java.util.List;

/// What the operations of a client ask for. Immutable.
///
/// @param puts whether they write; otherwise they read
/// @param inOrder whether they go through the keys one after another; otherwise keys are drawn
/// @param values of writes, in turns
/// @param seed of what is drawn
public record RequestPlan(boolean puts, boolean inOrder, List<byte[]> values, long seed) {

    private static final int VALUES = 64;

    /// Copies the list.
    public RequestPlan {
        values = List.copyOf(values);
    }

    /// A plan with values that do not compress.
    public static RequestPlan of(boolean puts, boolean inOrder, int valueBytes, long seed) {
        KeyValues records = new KeyValues(Long.BYTES, valueBytes, seed);
        List<byte[]> values = new ArrayList<>();
        for (int number = 0; number < VALUES; number++) {
            values.add(records.value(number, 0));
        }
        return new RequestPlan(puts, inOrder, values, seed);
    }

    /// Which of so many keys an operation is about.
    public int keyOf(long number, int keys) {
        return Math.floorMod(inOrder ? number : KeyValues.mix(KeyValues.mix(seed) + number), keys);
    }

    /// What an operation writes.
    public byte[] valueOf(long number) {
        return values.get(Math.floorMod(number, values.size()));
    }
}
