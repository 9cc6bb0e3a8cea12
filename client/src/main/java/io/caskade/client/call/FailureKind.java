package io.caskade.client.call;

import io.caskade.api.CaskadeErrors;
import io.grpc.Status;

/// Classifies a failed attempt by what it says about the operation.
enum FailureKind {
    /// It had no effect, and a retry may succeed.
    NOT_APPLIED,
    /// No retry will succeed.
    REFUSED,
    /// It may have taken effect.
    OUTCOME_UNKNOWN;

    /// Classifies a failed call.
    ///
    /// @param maybeSent whether the call may have left this process
    static FailureKind of(Throwable failure, boolean maybeSent) {
        return switch (CaskadeErrors.codeOf(failure)) {
            case ERROR_CODE_NOT_LEADER,
                    ERROR_CODE_NOT_SERVING,
                    ERROR_CODE_NOT_ENOUGH_REPLICAS,
                    ERROR_CODE_BUSY,
                    ERROR_CODE_BEHIND_CONTEXT -> NOT_APPLIED;
            case ERROR_CODE_INVALID_ARGUMENT,
                    ERROR_CODE_WRONG_VALUE,
                    ERROR_CODE_OVERFLOW,
                    ERROR_CODE_DISK_FULL,
                    ERROR_CODE_KEYDIR_FULL,
                    ERROR_CODE_CONTEXT_LOST -> REFUSED;
            // The contract does not promise that nothing was done when a disk fails.
            case ERROR_CODE_OUTCOME_UNKNOWN, ERROR_CODE_COPY_FENCED -> OUTCOME_UNKNOWN;
            case ERROR_CODE_UNSPECIFIED, UNRECOGNIZED ->
                of(Status.fromThrowable(failure).getCode(), maybeSent);
        };
    }

    /// Classifies a failure without an error code of the contract.
    private static FailureKind of(Status.Code code, boolean maybeSent) {
        return switch (code) {
            case UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED -> REFUSED;
            case OK,
                    CANCELLED,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    DEADLINE_EXCEEDED,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    INTERNAL,
                    UNAVAILABLE,
                    DATA_LOSS -> maybeSent ? OUTCOME_UNKNOWN : NOT_APPLIED;
        };
    }
}
