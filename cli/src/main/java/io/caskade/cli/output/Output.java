package io.caskade.cli.output;

import java.io.IOException;
import java.util.OptionalInt;

/// Prints the results of commands. Each call writes everything and flushes.
public interface Output extends ProgressOutput {

    /// Prints a result. Reading the next page of a listing may throw [io.caskade.client.CaskadeException]
    /// after a part of it was printed.
    void printResult(CommandResult result) throws IOException;

    /// Prints why a command failed.
    ///
    /// @param line the number of the script's line, from 1; empty outside of scripts
    void printFailure(Failure failure, OptionalInt line) throws IOException;
}
