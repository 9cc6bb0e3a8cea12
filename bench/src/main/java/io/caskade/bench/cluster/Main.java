package io.caskade.bench.cluster;

import io.caskade.client.CaskadeException;
import io.caskade.settings.SettingsException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/// `make bench-cluster`: measures a cluster.
@Command(
        name = "bench-cluster",
        mixinStandardHelpOptions = true,
        description = {
            "",
            "Measures the cluster that is running, or one that it starts and ends when none is; prints the figures, and",
            "keeps them in bench/results and docs/benchmarks.md.",
            ""
        },
        footer = {
            "",
            "Exit codes: 0 done; 1 the measurement could not be finished; 2 wrong usage or configuration;",
            "3 the cluster could not be reached."
        },
        subcommands = {
            CompareCommand.class,
            ThroughputCommand.class,
            AvailabilityCommand.class,
            CatchUpCommand.class,
            SoakCommand.class
        })
final class Main implements Callable<Integer> {

    static final int DONE = 0;
    static final int TROUBLE = 1;
    static final int USAGE = 2;
    static final int UNREACHABLE = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /// Runs in the project's directory and ends the process.
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Main::failed);
    }

    private static int failed(Exception failure, CommandLine command, ParseResult arguments) {
        PrintWriter errors = command.getErr();
        return switch (failure) {
            case CaskadeException unreachable -> say(errors, unreachable, UNREACHABLE);
            case SettingsException settings -> say(errors, settings, USAGE);
            // The cluster or its processes are not as the measurement needs them.
            case IllegalStateException state -> say(errors, state, TROUBLE);
            default -> {
                failure.printStackTrace(errors);
                yield TROUBLE;
            }
        };
    }

    private static int say(PrintWriter errors, Exception failure, int exitCode) {
        errors.println("error: " + failure.getMessage());
        return exitCode;
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(), "which measurement? compare, throughput, availability, catch-up or soak");
    }
}
