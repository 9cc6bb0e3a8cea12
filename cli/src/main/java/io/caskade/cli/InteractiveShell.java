package io.caskade.cli;

import io.caskade.cli.command.Tokenizer;
import io.caskade.cli.command.UsageException;
import io.caskade.cli.output.CommandResult;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.output.Failure;
import io.caskade.cli.output.Format;
import io.caskade.cli.output.JsonOutput;
import io.caskade.cli.output.Output;
import io.caskade.cli.output.Style;
import io.caskade.cli.output.TextOutput;
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

/// The shell at a terminal, with history, completion and colors. Ctrl-C cancels the current line or command;
/// Ctrl-D exits.
final class InteractiveShell {

    /// JLine reports here when it cannot write the history; the reference keeps the level set.
    private static final Logger JLINE = Logger.getLogger("org.jline");

    /// What the terminal's reader puts in the place of bytes that are no character.
    private static final char UNREADABLE = '\ufffd';

    private final CommandRunner runner;
    private final ShellSession session;
    private final CommandLineOptions options;
    private final ClientConfig config;
    private final Map<String, String> environment;
    private final Style style;

    InteractiveShell(
            CommandRunner runner, CommandLineOptions options, ClientConfig config, Map<String, String> environment) {
        this.runner = runner;
        this.session = new ShellSession(runner);
        this.options = options;
        this.config = config;
        this.environment = environment;
        this.style = Style.of(environment);
    }

    /// Reads and runs commands until the user exits.
    int run() throws IOException {
        if (!options.verbose()) {
            JLINE.setLevel(Level.OFF);
        }
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            if (terminal.getSize().getColumns() == 0) {
                // A container may not know its terminal's size; a line without width would show nothing.
                terminal.setSize(Size.of(80, 24));
            }
            LineReader reader = reader(terminal);
            Output output = options.json()
                    ? new JsonOutput(terminal.output())
                    : new TextOutput(
                            terminal.output(),
                            terminal.output(),
                            options.raw() ? Format.RAW_LINES : Format.TEXT,
                            style,
                            true);
            Thread shell = Thread.currentThread();
            terminal.handle(Terminal.Signal.INT, _ -> shell.interrupt());
            boolean running = true;
            while (running) {
                running = runLine(reader, prompt(), output);
                // Clears an interrupt that came just after the command ended.
                Thread.interrupted();
            }
            return ExitCode.SUCCESS;
        }
    }

    /// Shows, as redis-cli does, whether commands are queued.
    private String prompt() {
        return style.key(config.zookeeper().connect() + (session.isQueueing() ? "(TX)> " : "> "));
    }

    private LineReader reader(Terminal terminal) {
        DefaultParser parser = new DefaultParser().eofOnUnclosedQuote(false);
        parser.setEscapeChars(new char[0]);
        return LineReaderBuilder.builder()
                .appName("caskade")
                .terminal(terminal)
                .parser(parser)
                .completer(new CommandCompleter(runner::peekCluster))
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

    /// Reads a line and runs it.
    ///
    /// @return whether to read another one
    private boolean runLine(LineReader reader, String prompt, Output output) throws IOException {
        try {
            String line = reader.readLine(prompt);
            if (line.indexOf(UNREADABLE) >= 0) {
                throw new UsageException("the line has bytes that are not UTF-8; write them as \"\\xHH\"");
            }
            List<Bytes> words = Tokenizer.split(line.getBytes(StandardCharsets.UTF_8));
            if (words.isEmpty()) {
                return true;
            }
            CommandResult result = session.run(words, output);
            output.printResult(result);
            return !(result instanceof CommandResult.Quit);
        } catch (UserInterruptException e) {
            return true;
        } catch (EndOfFileException e) {
            return false;
        } catch (UsageException e) {
            session.refuse();
            output.printFailure(Failure.of(e), OptionalInt.empty());
            return true;
        } catch (CaskadeException e) {
            output.printFailure(Failure.of(e), OptionalInt.empty());
            return true;
        }
    }
}
