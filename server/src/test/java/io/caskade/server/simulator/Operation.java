package io.caskade.server.simulator;

import org.jspecify.annotations.Nullable;

/// One thing a client did to a key, as a register sees it. Values are never written twice.
///
/// @param kind what was asked for
/// @param expected the value a swap expects, null otherwise
/// @param value what is to be written, null for others
/// @param expires whether what was written is gone some day
/// @param invokedAt its place among all invocations and returns
/// @param returnedAt its place, or [#NEVER] when its outcome is unknown
/// @param applied whether a condition held, or there was something to remove
/// @param seen what a read has found, or a condition was decided on; null when there was nothing
public record Operation(
        Kind kind,
        @Nullable String expected,
        @Nullable String value,
        boolean expires,
        long invokedAt,
        long returnedAt,
        boolean applied,
        @Nullable String seen) {

    /// When an operation with an unknown outcome returned.
    public static final long NEVER = Long.MAX_VALUE;

    /// What can be asked for.
    public enum Kind {
        READ,
        WRITE,
        REMOVE,
        /// Writes if the value is as expected.
        SWAP,
        /// Writes if there is nothing.
        CREATE
    }

    boolean isUnknown() {
        return returnedAt == NEVER;
    }
}
