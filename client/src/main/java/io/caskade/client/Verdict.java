package io.caskade.client;

import io.caskade.api.CaskadeErrors;
import io.grpc.Status;

/// What a failed attempt says about the operation.
enum Verdict {
    /// It had no effect and may well succeed when repeated.
    NOT_DONE,
    /// It will not be done, however often it is asked.
    REFUSED,
    /// It may have had its effect.
    UNKNOWN;

    /// Judges a failed call.
    ///
    /// @param departed whether the call may have left this process
    static Verdict of(Throwable failure, boolean departed) {
        return switch (CaskadeErrors.codeOf(failure)) {
            case ERROR_CODE_NOT_LEADER, ERROR_CODE_NOT_SERVING, ERROR_CODE_NOT_ENOUGH_REPLICAS, ERROR_CODE_BUSY ->
                NOT_DONE;
            case ERROR_CODE_INVALID_ARGUMENT, ERROR_CODE_WRONG_VALUE, ERROR_CODE_DISK_FULL -> REFUSED;
            // The contract does not say of a failed disk that nothing was done.
            case ERROR_CODE_OUTCOME_UNKNOWN, ERROR_CODE_COPY_FENCED -> UNKNOWN;
            case ERROR_CODE_UNSPECIFIED, UNRECOGNIZED ->
                of(Status.fromThrowable(failure).getCode(), departed);
        };
    }

    /// Judges a failure that no node put a name to.
    private static Verdict of(Status.Code code, boolean departed) {
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
                    DATA_LOSS -> departed ? UNKNOWN : NOT_DONE;
        };
    }
}
