package io.caskade.cli.process;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import picocli.CommandLine;

/// Runs the commands that have options and subcommands of their own, such as `data verify --json`.
public final class OptionCommands {

    private static final int USAGE = 2;

    private OptionCommands() {}

    /// Runs one command.
    ///
    /// @param line the command, which reads no files that `@` names
    /// @param words what follows its name
    /// @param failed prints why a command failed, and says its exit code
    /// @return the exit code
    /// @throws OutputException when standard output cannot be written
    public static int run(CommandLine line, String[] words, CommandStreams streams, ToIntFunction<Exception> failed)
            throws IOException {
        StringWriter help = new StringWriter();
        List<OutputException> unwritable = new ArrayList<>();
        line.setOut(new PrintWriter(help));
        line.setErr(streams.err());
        line.setExecutionExceptionHandler((failure, _, _) -> {
            if (failure instanceof OutputException output) {
                unwritable.add(output);
                return USAGE;
            }
            return failed.applyAsInt(failure);
        });
        line.setParameterExceptionHandler((wrong, _) -> {
            streams.err().println("error: " + wrong.getMessage() + "; " + line.getCommandName() + " --help says more");
            return USAGE;
        });
        int exitCode = line.execute(words.clone());
        if (!unwritable.isEmpty()) {
            throw unwritable.getFirst();
        }
        streams.write(help.toString());
        streams.flush();
        return exitCode;
    }
}
