package io.caskade.cli;

import io.caskade.client.Bytes;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClientConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/// A conversation at a terminal: with history, completion and colours. Ctrl-C drops the line that is being typed or the
/// command that is under way; Ctrl-D leaves.
final class Conversation {

    /// JLine reports a history it cannot write here; held so that the level stays.
    private static final Logger JLINE = Logger.getLogger("org.jline");

    private final Interpreter interpreter;
    private final Options options;
    private final ClientConfig config;
    private final Map<String, String> environment;
    private final Style style;

    Conversation(Interpreter interpreter, Options options, ClientConfig config, Map<String, String> environment) {
        this.interpreter = interpreter;
        this.options = options;
        this.config = config;
        this.environment = environment;
        this.style = Style.of(environment);
    }

    /// Talks until the other side leaves.
    int run() throws IOException {
        if (!options.verbose()) {
            JLINE.setLevel(Level.OFF);
        }
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            if (terminal.getSize().getColumns() == 0) {
                // Such as a container's that nobody has told its size; a line of no width would show nothing.
                terminal.setSize(Size.of(80, 24));
            }
            LineReader reader = reader(terminal);
            Output output = options.json()
                    ? new JsonOutput(terminal.output())
                    : new TextOutput(terminal.output(), terminal.output(), options.raw(), style);
            Thread conversation = Thread.currentThread();
            terminal.handle(Terminal.Signal.INT, _ -> conversation.interrupt());
            String prompt = style.key(config.zookeeper().connect() + "> ");
            boolean goOn = true;
            while (goOn) {
                goOn = turn(reader, prompt, output);
                // An interrupt that came when the command had just ended concerns nobody.
                Thread.interrupted();
            }
            return Exit.DONE;
        }
    }

    private LineReader reader(Terminal terminal) {
        DefaultParser parser = new DefaultParser().eofOnUnclosedQuote(false);
        parser.setEscapeChars(new char[0]);
        return LineReaderBuilder.builder()
                .appName("caskade")
                .terminal(terminal)
                .parser(parser)
                .completer(new VerbCompleter(interpreter::glance))
                .variable(LineReader.HISTORY_FILE, historyFile())
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
                .option(LineReader.Option.CASE_INSENSITIVE, true)
                .build();
    }

    private Path historyFile() {
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        return state.isEmpty()
                ? Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".caskade_history")
                : Path.of(state, "caskade", "history");
    }

    /// Reads a line and answers it; whether the conversation goes on.
    private boolean turn(LineReader reader, String prompt, Output output) throws IOException {
        try {
            String line = reader.readLine(prompt);
            List<Bytes> words = Words.split(line.getBytes(StandardCharsets.UTF_8));
            if (words.isEmpty()) {
                return true;
            }
            Answer answer = interpreter.run(Verb.parse(words), output::progress);
            output.answer(answer);
            return !(answer instanceof Answer.Bye);
        } catch (UserInterruptException e) {
            return true;
        } catch (EndOfFileException e) {
            return false;
        } catch (UsageException e) {
            output.failure(Failure.of(e), OptionalInt.empty());
            return true;
        } catch (CaskadeException e) {
            output.failure(Failure.of(e), OptionalInt.empty());
            return true;
        }
    }
}
