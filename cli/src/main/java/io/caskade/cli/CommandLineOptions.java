package io.caskade.cli;

import io.caskade.cli.command.BytesFormat;
import io.caskade.cli.command.ReadLevel;
import io.caskade.cli.command.UsageException;
import io.caskade.cli.process.ProcessArguments;
import io.caskade.client.Bytes;
import io.caskade.client.ClientConfig;
import io.caskade.settings.Durations;
import io.caskade.settings.HostPorts;
import io.caskade.settings.SettingsException;
import io.caskade.settings.SettingsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The options on the command line before the command. Filled by picocli, then only read.
@Command(
        name = "caskade",
        sortOptions = false,
        customSynopsis = {
            "caskade [OPTIONS] COMMAND [ARGUMENT...]   runs one command",
            "       caskade [OPTIONS]                         runs the commands read from standard input",
            "       caskade bench [OPTIONS]                   measures a running cluster",
            "       caskade import redis --from HOST:PORT     copies what a Redis has into the cluster",
            "       caskade export redis --to HOST:PORT       copies what the cluster has into a Redis",
            "       caskade data COMMAND DIR                  inspects or repairs a stopped node's files"
        },
        description = {"", "The shell of Caskade. Interactive at a terminal; \"help\" lists the commands.", ""},
        footer = {
            "",
            "Exit codes: 0 success; 1 negative result (record not found, condition not met); 2 wrong usage or",
            "configuration; 3 the cluster was unreachable or refused the command; 4 the outcome of a write is unknown;",
            "5 standard input cannot be read, or standard output or error cannot be written, though the command was",
            "run; 141 the reader of the output has ended. A script exits with the highest of 2, 3 and 4 that its",
            "commands had, otherwise with 0; 5 and 141 end it.",
            "",
            "Standard output has the results, and OK. Standard error has errors, \"record not found\" and \"condition not",
            "met\", progress, and where a scan continues. With --json all but progress is on standard output, one object",
            "per command."
        })
final class CommandLineOptions {

    private static final String DEFAULT_CONFIG = "conf/client/cli.yaml";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The client's settings. Default: $CASKADE_CLI_CONFIG, or " + DEFAULT_CONFIG + ".")
    private @Nullable Path config;

    @Option(
            names = "--zookeeper",
            paramLabel = "HOST:PORT",
            description = "ZooKeeper's address; several separated by commas.")
    private @Nullable String zookeeper;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long a command may take, such as 500ms or 5s.")
    private @Nullable String timeout;

    @Option(
            names = "--read",
            paramLabel = "LEVEL",
            description =
                    "How current get, mget, strlen, type, exists, ttl and pttl are: linearizable (the default), causal or eventual."
                            + " Any replica answers the last two.")
    private @Nullable String read;

    @Option(names = "--json", description = "Print one JSON object per line.")
    private boolean json;

    @Option(
            names = "--raw",
            description = "Print keys and values byte for byte: get prints the value and nothing after it, scan a line"
                    + " a record, and no command OK.")
    private boolean raw;

    @Option(names = "--verbose", description = "Print the log of the libraries to standard error.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    private boolean version;

    @Parameters(arity = "0..*", hidden = true)
    private List<String> wordTexts = List.of();

    private ProcessArguments words = ProcessArguments.of();

    /// Parses the options before the first word that is not an option.
    ///
    /// @throws UsageException for an invalid option
    static CommandLineOptions parse(ProcessArguments arguments) throws UsageException {
        CommandLineOptions options = new CommandLineOptions();
        if (arguments.size() == 0 || !arguments.texts().getFirst().startsWith("-")) {
            // Skips picocli for the most common command line; loading it takes as long as the command.
            options.words = arguments;
            return options;
        }
        try {
            options.commandLine().parseArgs(arguments.texts().toArray(String[]::new));
        } catch (CommandLine.ParameterException e) {
            throw new UsageException(e.getMessage() + "; caskade --help lists the options");
        }
        int optionCount = arguments.size() - options.wordTexts.size();
        int misread = arguments.first(optionCount).firstMisread();
        if (misread >= 0) {
            throw notUtf8(arguments, misread);
        }
        options.words = arguments.from(optionCount);
        return options;
    }

    private CommandLine commandLine() {
        // `@` is a character like others: no option and no word is the name of a file with more of them.
        return new CommandLine(this).setExpandAtFiles(false).setStopAtPositional(true);
    }

    /// How the options are used.
    String usageMessage() {
        return commandLine().getUsageMessage();
    }

    /// The error for an argument that must be text.
    private static UsageException notUtf8(ProcessArguments arguments, int index) {
        return new UsageException(
                "not UTF-8: " + BytesFormat.word(arguments.bytes().get(index)));
    }

    /// How current reads are that do not say it themselves.
    ///
    /// @throws UsageException for a level that does not exist
    ReadLevel readLevel() throws UsageException {
        if (read == null) {
            return ReadLevel.LINEARIZABLE;
        }
        try {
            return ReadLevel.parse(read);
        } catch (UsageException e) {
            throw new UsageException("--read: " + e.getMessage());
        }
    }

    boolean json() {
        return json;
    }

    boolean raw() {
        return raw;
    }

    boolean verbose() {
        return verbose;
    }

    boolean help() {
        return help;
    }

    boolean version() {
        return version;
    }

    /// Whether a command is given; otherwise commands come from standard input.
    boolean hasCommand() {
        return words.size() > 0;
    }

    /// Whether the command is the first word.
    boolean isCommand(String word) {
        return hasCommand() && words.texts().getFirst().equals(word);
    }

    /// The command and its arguments.
    ///
    /// @throws UsageException when the bytes of one are not known
    List<Bytes> words() throws UsageException {
        int lost = words.firstLost();
        if (lost >= 0) {
            throw new UsageException("not UTF-8, or not of the locale: "
                    + BytesFormat.word(words.bytes().get(lost)) + "; a script can have all bytes, as \"\\xHH\"");
        }
        return words.bytes();
    }

    /// What follows the command, as text.
    ///
    /// @throws UsageException when one is no text
    String[] textsAfterCommand() throws UsageException {
        int misread = words.firstMisread();
        if (misread >= 0) {
            throw notUtf8(words, misread);
        }
        return words.texts().stream().skip(1).toArray(String[]::new);
    }

    /// The client's settings: from the file, overridden by the environment and the options.
    ///
    /// @param home where the shell is installed; empty when unknown
    /// @throws UsageException when the file or an option is invalid
    ClientConfig clientConfig(String home, Map<String, String> environment) throws UsageException {
        ClientConfig settings = settings(home, environment);
        if (zookeeper != null) {
            settings = settings.withZooKeeper(zookeeper(zookeeper));
        }
        return timeout == null ? settings : settings.withTimeout(timeout(timeout));
    }

    private ClientConfig settings(String home, Map<String, String> environment) throws UsageException {
        String variable = environment.getOrDefault("CASKADE_CLI_CONFIG", "");
        Path shipped = Path.of(home, DEFAULT_CONFIG);
        try {
            if (config != null) {
                return SettingsFile.load(config, ClientConfig.class, environment);
            }
            if (!variable.isEmpty()) {
                return SettingsFile.load(Path.of(variable), ClientConfig.class, environment);
            }
            return !home.isEmpty() && Files.exists(shipped)
                    ? SettingsFile.load(shipped, ClientConfig.class, environment)
                    : SettingsFile.defaults(ClientConfig.class, environment);
        } catch (SettingsException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static HostPorts zookeeper(String text) throws UsageException {
        try {
            return HostPorts.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--zookeeper takes host:port, several separated by commas, not " + text);
        }
    }

    private static Duration timeout(String text) throws UsageException {
        try {
            Duration parsed = Durations.parse(text);
            if (parsed.isPositive() && parsed.compareTo(Duration.ofHours(1)) <= 0) {
                return parsed;
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException("--timeout takes a duration such as 500ms or 5s, not " + text);
        }
        throw new UsageException("--timeout takes a duration from 1ms to 1h, not " + text);
    }
}
