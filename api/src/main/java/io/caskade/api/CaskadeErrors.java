package io.caskade.api;

import io.caskade.api.v1.ErrorCode;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/// Carries an [ErrorCode] in a failed gRPC call: a status that tells any client how to treat the failure, and
/// the code's name, without the enum's prefix, in the trailer `caskade-error`.
///
/// All methods are pure.
public final class CaskadeErrors {

    private static final String ENUM_PREFIX = "ERROR_CODE_";
    private static final Metadata.Key<String> TRAILER =
            Metadata.Key.of("caskade-error", Metadata.ASCII_STRING_MARSHALLER);

    private CaskadeErrors() {}

    /// The failure a service answers a call with. The code must be one of the contract's refusals: neither
    /// `ERROR_CODE_UNSPECIFIED` nor `UNRECOGNIZED`.
    ///
    /// @throws IllegalArgumentException if the code says nothing
    public static StatusRuntimeException of(ErrorCode code, String message) {
        Metadata trailers = new Metadata();
        trailers.put(TRAILER, nameOf(code));
        return statusOf(code).withDescription(message).asRuntimeException(trailers);
    }

    /// The code a call failed with: the trailer's, of the failure or of whatever it was caused by. A failure
    /// without the trailer, or with a name that a newer node made up, is `ERROR_CODE_UNSPECIFIED`.
    public static ErrorCode codeOf(Throwable failure) {
        Metadata trailers = Status.trailersFromThrowable(failure);
        String name = trailers == null ? null : trailers.get(TRAILER);
        if (name == null) {
            return ErrorCode.ERROR_CODE_UNSPECIFIED;
        }
        for (ErrorCode code : ErrorCode.values()) {
            if (code != ErrorCode.UNRECOGNIZED && nameOf(code).equals(name)) {
                return code;
            }
        }
        return ErrorCode.ERROR_CODE_UNSPECIFIED;
    }

    /// The code's name in the trailer and in messages: `NOT_LEADER` for `ERROR_CODE_NOT_LEADER`.
    public static String nameOf(ErrorCode code) {
        return code.name().startsWith(ENUM_PREFIX) ? code.name().substring(ENUM_PREFIX.length()) : code.name();
    }

    private static Status statusOf(ErrorCode code) {
        return switch (code) {
            case ERROR_CODE_INVALID_ARGUMENT -> Status.INVALID_ARGUMENT;
            case ERROR_CODE_WRONG_VALUE, ERROR_CODE_OVERFLOW, ERROR_CODE_CONTEXT_LOST -> Status.FAILED_PRECONDITION;
            case ERROR_CODE_NOT_LEADER,
                    ERROR_CODE_NOT_SERVING,
                    ERROR_CODE_NOT_ENOUGH_REPLICAS,
                    ERROR_CODE_BEHIND_CONTEXT -> Status.UNAVAILABLE;
            case ERROR_CODE_BUSY, ERROR_CODE_DISK_FULL, ERROR_CODE_KEYDIR_FULL -> Status.RESOURCE_EXHAUSTED;
            case ERROR_CODE_OUTCOME_UNKNOWN -> Status.UNKNOWN;
            case ERROR_CODE_COPY_FENCED -> Status.DATA_LOSS;
            case ERROR_CODE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("not a reason to refuse a call: " + code);
        };
    }
}
