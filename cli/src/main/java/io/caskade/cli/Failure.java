package io.caskade.cli;

import io.caskade.client.CaskadeException;
import io.caskade.client.OutcomeUnknownException;
import io.caskade.client.RefusedException;
import io.caskade.client.UnreachableException;

/// Why a command has no answer.
///
/// @param code     a name for programs
/// @param message  one line for people
/// @param exitCode what the process says
record Failure(String code, String message, int exitCode) {

    static Failure of(UsageException wrong) {
        return usage(String.valueOf(wrong.getMessage()));
    }

    static Failure usage(String message) {
        return new Failure("USAGE", message, Exit.USAGE);
    }

    static Failure of(CaskadeException failure) {
        return switch (failure) {
            case UnreachableException _ -> new Failure("UNREACHABLE", failure.getMessage(), Exit.REFUSED);
            case RefusedException refused -> new Failure(refused.codeName(), failure.getMessage(), Exit.REFUSED);
            case OutcomeUnknownException _ -> new Failure("OUTCOME_UNKNOWN", failure.getMessage(), Exit.UNKNOWN);
        };
    }

    /// Whether nothing else can be expected to succeed.
    boolean isUnreachable() {
        return code.equals("UNREACHABLE");
    }
}
