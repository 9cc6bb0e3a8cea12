package io.caskade.cli.output;

/// Prints the progress of a slow command.
public interface ProgressOutput {

    /// Prints a line.
    void printProgress(String text);

    /// Shows how far the command is in a line that the next output overwrites.
    ///
    /// @return whether that is possible; otherwise nothing was printed
    boolean showProgress(String text);
}
