package io.caskade.bench.cluster;

import io.caskade.client.AsyncCaskadeClient;
import io.caskade.settings.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Looks for leaks, drift and wrong answers over a long time.
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "",
            "Puts, gets and deletes, with expiring and large values, for a long time, while nodes are restarted and",
            "killed now and then. Prints memory, descriptors, maps, disk space and latency, draws them, and fails on a",
            "wrong answer, a leak or drift. make soak runs it on a cluster of its own, with a small disk and low limits.",
            ""
        })
final class SoakCommand implements Callable<Integer> {

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private ProcessOptions parts = new ProcessOptions();

    @Option(
            names = "--length",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "60m",
            description = "How long it runs. Default: ${DEFAULT-VALUE}.")
    private Duration length = Duration.ZERO;

    @Option(
            names = "--sample",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "10s",
            description = "How often figures are taken. Default: ${DEFAULT-VALUE}.")
    private Duration sampling = Duration.ZERO;

    @Option(
            names = "--every",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "60s",
            description = "How often a node is restarted or killed. Default: ${DEFAULT-VALUE}.")
    private Duration every = Duration.ZERO;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "20000",
            description = "How many keys there are. Default: ${DEFAULT-VALUE}.")
    private int keys;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "500",
            description = "Operations a second, at most. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data/cluster/{}",
            description = "Where a node keeps its data; {} stands for its name. Default: ${DEFAULT-VALUE}.")
    private String data = "";

    @Option(
            names = "--max-descriptors",
            paramLabel = "N",
            defaultValue = "400",
            description = "A node with more open files has a leak. Default: ${DEFAULT-VALUE}.")
    private int maxDescriptors;

    @Option(
            names = "--chart",
            paramLabel = "FILE",
            defaultValue = "target/soak.png",
            description = "The chart that is drawn. Default: ${DEFAULT-VALUE}.")
    private Path chart = Path.of("");

    @Override
    public Integer call() throws IOException, SettingsException {
        PrintStream out = OutputOptions.out();
        try (AsyncCaskadeClient client = AsyncCaskadeClient.create(connection.client(System.getenv()))) {
            out.println(ClusterWatch.shape(client));
            Soak.Plan plan = new Soak.Plan(length, sampling, every, keys, rate, data, maxDescriptors);
            List<String> faults = new Soak(client, parts.processes(), plan, out).run(chart);
            out.println("wrote " + chart);
            faults.forEach(fault -> out.println("WRONG: " + fault));
            out.println(faults.isEmpty() ? "no leak, no drift, no wrong answer" : faults.size() + " faults");
            return faults.isEmpty() ? Main.DONE : Main.TROUBLE;
        }
    }
}
