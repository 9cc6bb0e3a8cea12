package io.caskade.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.cli.bench.BenchCommand;
import io.caskade.cli.command.CommandSpec;
import io.caskade.cli.command.ReadLevel;
import io.caskade.cli.command.ShellCommand;
import io.caskade.cli.command.UsageException;
import io.caskade.cli.data.DataCommand;
import io.caskade.cli.migration.MigrationCommand;
import io.caskade.cli.output.CommandResult;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.output.Failure;
import io.caskade.cli.output.Format;
import io.caskade.cli.output.JsonOutput;
import io.caskade.cli.output.Output;
import io.caskade.cli.output.Style;
import io.caskade.cli.output.TextOutput;
import io.caskade.cli.process.CommandStreams;
import io.caskade.cli.process.OutputException;
import io.caskade.cli.process.ProcessArguments;
import io.caskade.cli.process.ProcessOutput;
import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClientConfig;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.logging.LogManager;
import java.util.stream.Stream;

/// The shell's entry point: runs one command, a script or the interactive shell, as the command line says.
public final class Main {

    /// Set by the launcher when standard input and output are a terminal; it knows without loading classes.
    private static final String INTERACTIVE = "caskade.interactive";

    /// Set by the launcher when standard error is a terminal.
    private static final String TERMINAL = "caskade.terminal";

    private final InputStream in;
    private final OutputStream out;
    private final OutputStream err;
    private final Map<String, String> environment;
    private final WaitInterruption interruption =
            new WaitInterruption(exitCode -> Runtime.getRuntime().halt(exitCode));

    Main(InputStream in, OutputStream out, OutputStream err, Map<String, String> environment) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = environment;
    }

    /// Runs the shell and ends the process with one of the exit codes in [ExitCode].
    public static void main(String[] args) {
        InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in));
        OutputStream out = new BufferedOutputStream(
                new ProcessOutput(new FileOutputStream(FileDescriptor.out), Path.of("/proc/self/fd/1")));
        OutputStream err = new ProcessOutput(new FileOutputStream(FileDescriptor.err), Path.of("/proc/self/fd/2"));
        Main shell = new Main(in, out, err, System.getenv());
        Runtime.getRuntime().addShutdownHook(new Thread(shell.interruption::onShutdown, "interruption"));
        int exitCode = shell.run(ProcessArguments.ofThisProcess(args));
        shell.interruption.end(exitCode);
        System.exit(exitCode);
    }

    /// Runs what the command line asks for.
    ///
    /// @return the exit code
    int run(ProcessArguments arguments) {
        try {
            int exitCode = runCommandLine(arguments);
            out.flush();
            return exitCode;
        } catch (OutputException e) {
            return e.isReaderGone() ? ExitCode.READER_GONE : reportStreamFailure("cannot write the output", e);
        } catch (IOException e) {
            return reportStreamFailure("cannot read the input", e);
        }
    }

    private int reportStreamFailure(String problem, IOException failure) {
        try {
            err.write(("error: " + problem + ": " + failure.getMessage() + "\n").getBytes(UTF_8));
        } catch (IOException e) {
            failure.addSuppressed(e); // There is no place left to say it; the exit code does.
        }
        return ExitCode.STREAM_FAILED;
    }

    private int runCommandLine(ProcessArguments arguments) throws IOException {
        try {
            CommandLineOptions options = CommandLineOptions.parse(arguments);
            if (options.help()) {
                print(options.usageMessage());
                return ExitCode.SUCCESS;
            }
            if (options.version()) {
                print("caskade " + version() + "\n");
                return ExitCode.SUCCESS;
            }
            if (options.isCommand(DataCommand.WORD)) {
                silenceLogging(options.verbose());
                return DataCommand.run(
                        options.textsAfterCommand(), options.json(), out, err, Boolean.getBoolean(TERMINAL));
            }
            Output output = options.json()
                    ? new JsonOutput(out)
                    : new TextOutput(
                            out,
                            err,
                            options.raw() ? Format.RAW : Format.TEXT,
                            Style.PLAIN,
                            Boolean.getBoolean(TERMINAL));
            return run(options, output);
        } catch (UsageException e) {
            return failed(new TextOutput(out, err, Format.TEXT, Style.PLAIN, false), Failure.of(e));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private int run(CommandLineOptions options, Output output) throws IOException {
        silenceLogging(options.verbose());
        try {
            ClientConfig config = options.clientConfig(System.getProperty("caskade.home", ""), environment);
            OptionalInt tool = runTool(options, config);
            if (tool.isPresent()) {
                return tool.getAsInt();
            }
            if (options.hasCommand()) {
                return runOne(options, config, output);
            }
            try (CaskadeClient client = CaskadeClient.create(config)) {
                CommandRunner runner = new CommandRunner(client, options.readLevel());
                if (Boolean.getBoolean(INTERACTIVE)) {
                    return new InteractiveShell(runner, options, config, environment).run();
                }
                return new Script(in, runner, output).run();
            }
        } catch (UsageException e) {
            return failed(output, Failure.of(e));
        }
    }

    /// Runs a command that has options of its own, if it is one.
    private OptionalInt runTool(CommandLineOptions options, ClientConfig config) throws IOException, UsageException {
        Optional<String> word = Stream.of(BenchCommand.WORD, MigrationCommand.IMPORT, MigrationCommand.EXPORT)
                .filter(options::isCommand)
                .findFirst();
        if (word.isEmpty()) {
            return OptionalInt.empty();
        }
        interruption.beginWait();
        CommandStreams streams = new CommandStreams(
                out,
                new PrintWriter(new OutputStreamWriter(err, UTF_8), true),
                options.json(),
                Boolean.getBoolean(TERMINAL));
        String[] words = options.textsAfterCommand();
        return OptionalInt.of(
                word.get().equals(BenchCommand.WORD)
                        ? BenchCommand.run(words, config, streams)
                        : MigrationCommand.run(word.get(), words, config, streams, environment));
    }

    private int runOne(CommandLineOptions options, ClientConfig config, Output output)
            throws IOException, UsageException {
        ShellCommand command = CommandSpec.parse(options.words());
        ReadLevel level = options.readLevel();
        if (command.needsSession()) {
            throw new UsageException(
                    "a transaction is of several commands: it begins and ends in the shell or in a script");
        }
        if (command.waits()) {
            interruption.beginWait();
        }
        try (CaskadeClient client = CaskadeClient.create(config)) {
            CommandResult result = new CommandRunner(client, level).run(command, output);
            output.printResult(result);
            return result.exitCode();
        } catch (CaskadeException e) {
            return failed(output, Failure.of(e));
        }
    }

    private static int failed(Output output, Failure failure) throws IOException {
        output.printFailure(failure, OptionalInt.empty());
        return failure.exitCode();
    }

    private void print(String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.flush();
    }

    /// Turns the libraries' logs off unless they were requested.
    private static void silenceLogging(boolean verbose) {
        LogConfiguration.setVerbose(verbose);
        if (!verbose) {
            LogManager.getLogManager().reset();
        }
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "of an unpackaged build" : version;
    }
}
