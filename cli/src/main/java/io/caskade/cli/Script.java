package io.caskade.cli;

import io.caskade.cli.command.CommandSpec;
import io.caskade.cli.command.Tokenizer;
import io.caskade.cli.command.UsageException;
import io.caskade.cli.output.CommandResult;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.output.Failure;
import io.caskade.cli.output.Output;
import io.caskade.client.Bytes;
import io.caskade.client.CaskadeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalInt;

/// Runs commands from a stream, one per line. Blank lines and those that begin with `#` are skipped.
final class Script {

    private final InputStream in;
    private final CommandRunner runner;
    private final Output output;
    private int number;
    private int exitCode = ExitCode.SUCCESS;

    Script(InputStream in, CommandRunner runner, Output output) {
        this.in = in;
        this.runner = runner;
        this.output = output;
    }

    /// Runs all commands, or those up to the first that finds no cluster.
    ///
    /// @return the highest exit code of a command that failed, 0 when none did
    int run() throws IOException {
        boolean running = true;
        byte[] line = nextLine();
        while (running && line.length > 0) {
            number++;
            running = run(line);
            line = running ? nextLine() : line;
        }
        return exitCode;
    }

    /// Runs a line.
    ///
    /// @return whether to run another one
    private boolean run(byte[] line) throws IOException {
        try {
            List<Bytes> words = isComment(line) ? List.of() : Tokenizer.split(line);
            if (words.isEmpty()) {
                return true;
            }
            CommandResult result = runner.run(CommandSpec.parse(words), output::printProgress);
            output.printResult(result);
            return !(result instanceof CommandResult.Quit);
        } catch (UsageException e) {
            return failed(Failure.of(e));
        } catch (CaskadeException e) {
            return failed(Failure.of(e));
        }
    }

    private static boolean isComment(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t') {
                return b == '#';
            }
        }
        return false;
    }

    private boolean failed(Failure failure) throws IOException {
        exitCode = Math.max(exitCode, failure.exitCode());
        output.printFailure(failure, OptionalInt.of(number));
        return !failure.isUnreachable();
    }

    /// The next line with its end; empty at the end of the stream.
    private byte[] nextLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int b = in.read();
        while (b >= 0) {
            line.write(b);
            if (b == '\n') {
                break;
            }
            b = in.read();
        }
        return line.toByteArray();
    }
}
