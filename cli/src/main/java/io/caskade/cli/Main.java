package io.caskade.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.cli.data.Data;
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

/// The shell's process: reads the command line and chooses between one command, a script and a conversation.
public final class Main {

    /// Said by the launcher, which can tell without loading anything: standard input and output are a terminal.
    private static final String INTERACTIVE = "caskade.interactive";

    /// Said by the launcher: standard error is a terminal.
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

    /// Runs the shell and ends the process with one of the exit codes in [Exit].
    public static void main(String[] args) throws IOException {
        InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in));
        OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        int exitCode;
        try {
            exitCode = new Main(in, out, err, System.getenv()).run(args);
        } catch (IOException e) {
            // Whoever read the answers is gone, or the disk they went to is full.
            err.write(("error: the answer cannot be written: " + e.getMessage() + "\n").getBytes(UTF_8));
            exitCode = Exit.USAGE;
        }
        System.exit(exitCode);
    }

    /// Does what the command line asks for.
    ///
    /// @return the exit code
    int run(String... args) throws IOException {
        try {
            Options options = Options.parse(args);
            if (options.help()) {
                print(new CommandLine(options).getUsageMessage());
                return Exit.DONE;
            }
            if (options.version()) {
                print("caskade " + version() + "\n");
                return Exit.DONE;
            }
            if (!options.words().isEmpty() && options.words().getFirst().equals(Data.WORD)) {
                hush(options.verbose());
                String[] words = options.words().stream().skip(1).toArray(String[]::new);
                return Data.run(words, options.json(), out, err, Boolean.getBoolean(TERMINAL));
            }
            Output output = options.json() ? new JsonOutput(out) : new TextOutput(out, err, options.raw(), Style.PLAIN);
            return run(options, output);
        } catch (UsageException e) {
            return failed(new TextOutput(out, err, false, Style.PLAIN), Failure.of(e));
        }
    }

    private int run(Options options, Output output) throws IOException {
        hush(options.verbose());
        try {
            ClientConfig config = options.clientConfig(System.getProperty("caskade.home", ""), environment);
            if (!options.words().isEmpty()) {
                return once(options.words(), config, output);
            }
            try (CaskadeClient client = CaskadeClient.create(config)) {
                Interpreter interpreter = new Interpreter(client);
                if (Boolean.getBoolean(INTERACTIVE)) {
                    return new Conversation(interpreter, options, config, environment).run();
                }
                return new Script(in, interpreter, output).run();
            }
        } catch (UsageException e) {
            return failed(output, Failure.of(e));
        }
    }

    private static int once(List<String> words, ClientConfig config, Output output) throws IOException, UsageException {
        Command command = Verb.parse(words.stream().map(Bytes::utf8).toList());
        try (CaskadeClient client = CaskadeClient.create(config)) {
            Answer answer = new Interpreter(client).run(command, output::progress);
            output.answer(answer);
            return answer.exitCode();
        } catch (CaskadeException e) {
            return failed(output, Failure.of(e));
        }
    }

    private static int failed(Output output, Failure failure) throws IOException {
        output.failure(failure, OptionalInt.empty());
        return failure.exitCode();
    }

    private void print(String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.flush();
    }

    /// Libraries log to nobody unless they were asked to.
    private static void hush(boolean verbose) {
        LogConfiguration.verbose(verbose);
        if (!verbose) {
            LogManager.getLogManager().reset();
        }
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "of an unpackaged build" : version;
    }
}
