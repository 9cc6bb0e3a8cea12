package io.caskade.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.bitcask.DirectoryInUseException;
import io.caskade.bitcask.disk.FailureText;
import io.caskade.bitcask.inspect.NotACopyException;
import io.caskade.cli.process.CommandStreams;
import io.caskade.cli.process.OptionCommands;
import io.caskade.cli.process.OutputException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `caskade data` and its subcommands.
@Command(
        name = "caskade data",
        description = {
            "",
            "Inspects or repairs the data directory of a stopped node, or of a program that uses the engine as a library, or"
                    + " the directory of one copy in it.",
            ""
        },
        subcommands = {
            VerifyCommand.class,
            DumpCommand.class,
            RepairCommand.class,
            RestoreCommand.class,
            ReinstateCommand.class,
            ResetTimeCommand.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 success, no damage; 1 damage was found, or records were lost; 2 wrong usage, or not a",
            "data directory; 3 in use, not permitted, or the disk failed; 5 standard output cannot be written; 141 the",
            "reader of the output has ended."
        })
public final class DataCommand {

    static final int SUCCESS = 0;
    static final int DAMAGED = 1;
    static final int USAGE = 2;
    static final int REFUSED = 3;

    /// The command's name on the command line.
    public static final String WORD = "data";

    private DataCommand() {}

    /// Runs one command.
    ///
    /// @param words what follows `data`
    /// @param json whether `--json` came before `data`
    /// @param terminal whether standard error is a terminal, so that progress can be shown
    /// @return the exit code
    /// @throws OutputException when standard output cannot be written
    public static int run(String[] words, boolean json, OutputStream out, OutputStream err, boolean terminal)
            throws IOException {
        String[] arguments = words.length == 0 ? new String[] {"--help"} : words;
        CommandStreams streams =
                new CommandStreams(out, new PrintWriter(new OutputStreamWriter(err, UTF_8), true), json, terminal);
        CommandLine line = new CommandLine(new DataCommand(), new StreamsFactory(streams)).setExpandAtFiles(false);
        return OptionCommands.run(line, arguments, streams, failure -> refused(failure, streams));
    }

    private static int refused(Exception failure, CommandStreams streams) {
        streams.err().println("error: " + message(failure));
        return failure instanceof NotACopyException
                        || failure instanceof NoSuchFileException
                        || failure instanceof NotDirectoryException
                ? USAGE
                : REFUSED;
    }

    private static String message(Exception failure) {
        return switch (failure) {
            case AccessDeniedException denied -> denied.getFile() + ": not permitted for this user";
            case NoSuchFileException missing -> missing.getFile() + ": no such file or directory";
            case NotDirectoryException file -> file.getFile() + ": is not a directory";
            case DirectoryInUseException used -> used.getMessage() + "; stop the node first";
            case IOException other -> FailureText.of(other);
            default -> failure.toString();
        };
    }

    /// Creates the subcommands for picocli, with the streams.
    private record StreamsFactory(CommandStreams streams) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            if (type == VerifyCommand.class) {
                return type.cast(new VerifyCommand(streams));
            }
            if (type == DumpCommand.class) {
                return type.cast(new DumpCommand(streams));
            }
            if (type == RepairCommand.class) {
                return type.cast(new RepairCommand(streams));
            }
            if (type == ResetTimeCommand.class) {
                return type.cast(new ResetTimeCommand(streams));
            }
            if (type == RestoreCommand.class) {
                return type.cast(new RestoreCommand(streams));
            }
            if (type == ReinstateCommand.class) {
                return type.cast(new ReinstateCommand(streams));
            }
            return CommandLine.defaultFactory().create(type);
        }
    }
}
