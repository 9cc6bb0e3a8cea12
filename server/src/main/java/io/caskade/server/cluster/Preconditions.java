package io.caskade.server.cluster;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Checks the arguments of this package's records.
final class Preconditions {

    private Preconditions() {}

    /// @param rule the condition, in words
    /// @param found the actual values, for the message
    static void check(boolean holds, String rule, @Nullable Object... found) {
        if (!holds) {
            throw new IllegalArgumentException(rule + ", found " + Arrays.toString(found));
        }
    }
}
