package io.caskade.cli.output;

import io.caskade.cli.command.UsageException;
import io.caskade.client.CaskadeException;
import io.caskade.client.OutcomeUnknownException;
import io.caskade.client.RefusedException;
import io.caskade.client.UnreachableException;

/// Why a command failed.
///
/// @param code a machine-readable name
/// @param message one human-readable line
/// @param exitCode the exit code when this was the only command
public record Failure(String code, String message, int exitCode) {

    public static Failure of(UsageException wrong) {
        return usage(String.valueOf(wrong.getMessage()));
    }

    public static Failure usage(String message) {
        return new Failure("USAGE", message, ExitCode.USAGE);
    }

    public static Failure of(CaskadeException failure) {
        return switch (failure) {
            case UnreachableException _ -> new Failure("UNREACHABLE", failure.getMessage(), ExitCode.REFUSED);
            case RefusedException refused -> new Failure(refused.codeName(), failure.getMessage(), ExitCode.REFUSED);
            case OutcomeUnknownException _ ->
                new Failure("OUTCOME_UNKNOWN", failure.getMessage(), ExitCode.OUTCOME_UNKNOWN);
        };
    }

    /// Whether no further command can succeed.
    public boolean isUnreachable() {
        return code.equals("UNREACHABLE");
    }
}
