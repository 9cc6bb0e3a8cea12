package io.caskade.cli;

import io.caskade.api.MessageLimits;
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

/// Runs commands from a stream, one per line. Blank lines, those that begin with `#`, and a byte order mark at
/// the beginning are skipped.
final class Script {

    /// The longest line. It holds the longest value there may be, unless most of it is written with escapes.
    static final int MAX_LINE_BYTES = MessageLimits.MAX_REQUEST_BYTES;

    private static final int BYTE_ORDER_MARK_BYTES = 3;

    private final InputStream in;
    private final ShellSession session;
    private final Output output;
    private int number;
    private int exitCode = ExitCode.SUCCESS;

    /// @param in must support marks
    Script(InputStream in, CommandRunner runner, Output output) {
        this.in = in;
        this.session = new ShellSession(runner);
        this.output = output;
    }

    /// Runs all commands, or those up to the first that finds no cluster.
    ///
    /// @return the highest exit code of a command that failed, 0 when none did
    int run() throws IOException {
        skipByteOrderMark();
        boolean running = true;
        while (running && startLine()) {
            number++;
            running = runLine();
        }
        if (session.isQueueing()) {
            failed(Failure.usage("the script ends without exec: nothing was done of the " + session.queued()
                    + " commands since multi"));
        }
        return exitCode;
    }

    private void skipByteOrderMark() throws IOException {
        in.mark(BYTE_ORDER_MARK_BYTES);
        if (in.read() != 0xef || in.read() != 0xbb || in.read() != 0xbf) {
            in.reset();
        }
    }

    /// Reads a line and runs it.
    ///
    /// @return whether to run another one
    private boolean runLine() throws IOException {
        try {
            byte[] line = readLine();
            List<Bytes> words = isComment(line) ? List.of() : Tokenizer.split(line);
            if (words.isEmpty()) {
                return true;
            }
            CommandResult result = session.run(words, output);
            output.printResult(result);
            if (result.exitCode() > ExitCode.NEGATIVE) {
                exitCode = Math.max(exitCode, result.exitCode());
            }
            return !(result instanceof CommandResult.Quit);
        } catch (UsageException e) {
            session.refuse();
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

    /// Whether there is another line.
    private boolean startLine() throws IOException {
        in.mark(1);
        boolean more = in.read() >= 0;
        in.reset();
        return more;
    }

    /// The next line without its end.
    ///
    /// @throws UsageException when it is too long; it has been read to its end
    private byte[] readLine() throws IOException, UsageException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean tooLong = false;
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            tooLong |= line.size() == MAX_LINE_BYTES;
            if (!tooLong) {
                line.write(b);
            }
        }
        if (tooLong) {
            throw new UsageException("the line is longer than " + MAX_LINE_BYTES + " bytes; it was not run");
        }
        return line.toByteArray();
    }
}
