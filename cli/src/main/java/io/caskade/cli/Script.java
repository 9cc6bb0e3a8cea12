package io.caskade.cli;

import io.caskade.client.Bytes;
import io.caskade.client.CaskadeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalInt;

/// Commands from a stream, a line each. Blank lines and those that begin with `#` say nothing.
final class Script {

    private final InputStream in;
    private final Interpreter interpreter;
    private final Output output;
    private int number;
    private int exitCode = Exit.DONE;

    Script(InputStream in, Interpreter interpreter, Output output) {
        this.in = in;
        this.interpreter = interpreter;
        this.output = output;
    }

    /// Runs all of it, or up to the command that finds no cluster.
    ///
    /// @return the highest exit code of a command that failed, 0 when none did
    int run() throws IOException {
        boolean goOn = true;
        byte[] line = nextLine();
        while (goOn && line.length > 0) {
            number++;
            goOn = run(line);
            line = goOn ? nextLine() : line;
        }
        return exitCode;
    }

    /// Whether the script goes on.
    private boolean run(byte[] line) throws IOException {
        try {
            List<Bytes> words = isComment(line) ? List.of() : Words.split(line);
            if (words.isEmpty()) {
                return true;
            }
            Answer answer = interpreter.run(Verb.parse(words), output::progress);
            output.answer(answer);
            return !(answer instanceof Answer.Bye);
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
        output.failure(failure, OptionalInt.of(number));
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
