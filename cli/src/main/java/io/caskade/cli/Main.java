package io.caskade.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.cli.command.CommandSpec;
import io.caskade.cli.command.ShellCommand;
import io.caskade.cli.command.UsageException;
import io.caskade.cli.data.DataCommand;
import io.caskade.cli.output.CommandResult;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.output.Failure;
import io.caskade.cli.output.JsonOutput;
import io.caskade.cli.output.Output;
import io.caskade.cli.output.Style;
import io.caskade.cli.output.TextOutput;
import io.caskade.client.Bytes;
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
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.logging.LogManager;
import picocli.CommandLine;

/// The shell's entry point: runs one command, a script or the interactive shell, as the command line says.
public final class Main {

    /// Set by the launcher when standard input and output are a terminal; it can tell without loading anything.
    private static final String INTERACTIVE = "caskade.interactive";

    /// Set by the launcher when standard error is a terminal.
    private static final String TERMINAL = "caskade.terminal";

    private final InputStream in;
    private final OutputStream out;
    private final OutputStream err;
    private final Map<String, String> environment;

    Main(InputStream in, OutputStream out, OutputStream err, Map<String, String> environment) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = environment;
    }

    /// Runs the shell and ends the process with one of the exit codes in [ExitCode].
    public static void main(String[] args) throws IOException {
        InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in));
        OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        int exitCode;
        try {
            exitCode = new Main(in, out, err, System.getenv()).run(args);
        } catch (IOException e) {
            // The reader of the output is gone, or the disk it goes to is full.
            err.write(("error: cannot write the output: " + e.getMessage() + "\n").getBytes(UTF_8));
            exitCode = ExitCode.USAGE;
        }
        System.exit(exitCode);
    }

    /// Runs what the command line asks for.
    ///
    /// @return the exit code
    int run(String... args) throws IOException {
        try {
            CommandLineOptions options = CommandLineOptions.parse(args);
            if (options.help()) {
                print(new CommandLine(options).getUsageMessage());
                return ExitCode.SUCCESS;
            }
            if (options.version()) {
                print("caskade " + version() + "\n");
                return ExitCode.SUCCESS;
            }
            if (!options.words().isEmpty() && options.words().getFirst().equals(DataCommand.WORD)) {
                silenceLogging(options.verbose());
                String[] words = options.words().stream().skip(1).toArray(String[]::new);
                return DataCommand.run(words, options.json(), out, err, Boolean.getBoolean(TERMINAL));
            }
            Output output = options.json() ? new JsonOutput(out) : new TextOutput(out, err, options.raw(), Style.PLAIN);
            return run(options, output);
        } catch (UsageException e) {
            return failed(new TextOutput(out, err, false, Style.PLAIN), Failure.of(e));
        }
    }

    private int run(CommandLineOptions options, Output output) throws IOException {
        silenceLogging(options.verbose());
        try {
            ClientConfig config = options.clientConfig(System.getProperty("caskade.home", ""), environment);
            if (!options.words().isEmpty()) {
                return runOne(options.words(), config, output);
            }
            try (CaskadeClient client = CaskadeClient.create(config)) {
                CommandRunner runner = new CommandRunner(client);
                if (Boolean.getBoolean(INTERACTIVE)) {
                    return new InteractiveShell(runner, options, config, environment).run();
                }
                return new Script(in, runner, output).run();
            }
        } catch (UsageException e) {
            return failed(output, Failure.of(e));
        }
    }

    private static int runOne(List<String> words, ClientConfig config, Output output)
            throws IOException, UsageException {
        ShellCommand command = CommandSpec.parse(words.stream().map(Bytes::utf8).toList());
        try (CaskadeClient client = CaskadeClient.create(config)) {
            CommandResult result = new CommandRunner(client).run(command, output::printProgress);
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

    /// Turns the libraries' logs off unless they were asked for.
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
