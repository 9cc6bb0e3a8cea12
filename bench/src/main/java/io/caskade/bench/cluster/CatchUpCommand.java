package io.caskade.bench.cluster;

import io.caskade.client.AsyncCaskadeClient;
import io.caskade.settings.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Measures what a node's catching up costs.
@Command(
        name = "catch-up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "",
            "Stops a node under load and starts it again: how many puts a second before, and while it catches up?",
            ""
        })
final class CatchUpCommand implements Callable<Integer> {

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private ProcessOptions parts = new ProcessOptions();

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "64",
            description = "Puts at a time. Default: ${DEFAULT-VALUE}.")
    private int inFlight;

    @Option(
            names = "--before",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "15s",
            description = "How long the rate is measured with all nodes there. Default: ${DEFAULT-VALUE}.")
    private Duration before = Duration.ZERO;

    @Option(
            names = "--away",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "10m",
            description = "How long the node is away. Default: ${DEFAULT-VALUE}.")
    private Duration away = Duration.ZERO;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "10m",
            description = "How long it may take to catch up. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws IOException, SettingsException {
        PrintStream out = OutputOptions.out();
        try (MeasuredCluster cluster = connection.open(System.getenv(), out)) {
            AsyncCaskadeClient client = cluster.client();
            String shape = cluster.shape();
            out.println(shape);
            CatchUp catchUp = new CatchUp(client, new CatchUp.Plan(inFlight, before, away, timeout), out);
            output.keep(catchUp.run(cluster.processes(parts.processes())), shape, FigurePage.CLUSTER, out);
            return Main.DONE;
        }
    }
}
