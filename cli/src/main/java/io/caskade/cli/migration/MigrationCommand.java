package io.caskade.cli.migration;

import io.caskade.cli.command.UsageException;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.output.Failure;
import io.caskade.cli.process.CommandStreams;
import io.caskade.cli.process.OptionCommands;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClientConfig;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `caskade import` and `caskade export`.
public final class MigrationCommand {

    /// The commands' names on the command line.
    public static final String IMPORT = "import";

    /// See [#IMPORT].
    public static final String EXPORT = "export";

    @Command(
            name = "caskade import",
            description = {"", "Copies records from elsewhere into the cluster.", ""},
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "SOURCE",
            footer = {
                "",
                "Exit codes: 0 everything was copied and is the same; 1 keys were skipped, or differ; 2 wrong usage; 3 Redis",
                "or the cluster was not reached, or refused; 4 the outcome of a write is unknown; 130 interrupted."
            })
    private static final class Import {}

    @Command(
            name = "caskade export",
            description = {"", "Copies records of the cluster to elsewhere.", ""},
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "TARGET",
            footer = {"", "Exit codes: as of caskade import."})
    private static final class Export {}

    private MigrationCommand() {}

    /// Runs one command.
    ///
    /// @param word `import` or `export`
    /// @param words what follows it
    /// @param environment may have the password of Redis
    /// @return the exit code
    /// @throws io.caskade.cli.process.OutputException when standard output cannot be written
    public static int run(
            String word, String[] words, ClientConfig config, CommandStreams streams, Map<String, String> environment)
            throws IOException {
        MigrationRun run = new MigrationRun(config, streams, environment);
        boolean imports = word.equals(IMPORT);
        CommandLine line = new CommandLine(imports ? new Import() : new Export())
                .addSubcommand(imports ? new ImportCommand(run) : new ExportCommand(run))
                .setExpandAtFiles(false);
        String[] arguments = words.length == 0 ? new String[] {"--help"} : words;
        return OptionCommands.run(line, arguments, streams, failure -> failed(failure, streams));
    }

    private static int failed(Exception failure, CommandStreams streams) {
        Failure said = switch (failure) {
            case UsageException wrong -> Failure.of(wrong);
            case CaskadeException refused -> Failure.of(refused);
            default -> new Failure("REDIS", String.valueOf(failure.getMessage()), ExitCode.REFUSED);
        };
        streams.err().println("error: " + said.message());
        return said.exitCode();
    }
}
