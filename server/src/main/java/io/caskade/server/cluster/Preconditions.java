package io.caskade.server.cluster;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// States what must hold of a record of this package.
final class Preconditions {

    private Preconditions() {}

    /// @param rule what must hold, in words
    /// @param found what was there instead, for the message
    static void check(boolean holds, String rule, @Nullable Object... found) {
        if (!holds) {
            throw new IllegalArgumentException(rule + ", found " + Arrays.toString(found));
        }
    }
}
