package io.caskade.client.call;

import io.caskade.api.v1.ErrorCode;
import org.jspecify.annotations.Nullable;

/// Why an operation failed permanently, and what that says about its effect.
public sealed interface CallFailure {

    /// One human-readable line.
    String message();

    /// What the last attempt failed with; null when there was none.
    @Nullable
    Throwable cause();

    /// The write may have been applied, may still be, or may never be.
    record OutcomeUnknown(String message, @Nullable Throwable cause) implements CallFailure {}

    /// A node refused. Nothing was written.
    ///
    /// @param code unspecified when the refusal is not one of the contract's
    record Refused(ErrorCode code, String message, @Nullable Throwable cause) implements CallFailure {}

    /// No node that could have answered was reached. Nothing was written.
    record Unreachable(String message, @Nullable Throwable cause) implements CallFailure {}
}
