package io.caskade.bench.cluster;

import io.caskade.bench.cluster.Throughput.Drive;
import io.caskade.bench.report.Row;
import io.caskade.settings.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Measures rates and latencies of puts and gets.
@Command(
        name = "throughput",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {"", "Puts, linearizable gets and both: rates, latencies, errors.", ""})
final class ThroughputCommand implements Callable<Integer> {

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Option(
            names = "--workload",
            split = ",",
            defaultValue = "put,get,mix",
            description = "What is done: put, get, mix (half of each). Default: ${DEFAULT-VALUE}.")
    private List<Workload> workloads = List.of();

    @Option(
            names = "--in-flight",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,64,1000",
            description = "Closed loops with this many operations at a time; 0 for none. Default: ${DEFAULT-VALUE}.")
    private List<Integer> inFlight = List.of();

    @Option(
            names = "--rate",
            split = ",",
            paramLabel = "N",
            description = "Open loops with this many operations per second; latencies count from when each was due.")
    private List<Integer> rates = List.of();

    @Option(
            names = "--keys",
            defaultValue = "100000",
            description = "How many keys there are. Default: ${DEFAULT-VALUE}.")
    private int keys;

    @Option(
            names = "--value-bytes",
            defaultValue = "100",
            description = "How long values are. Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    @Option(
            names = "--seed",
            defaultValue = "20260101",
            description = "Of keys, values and their order. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often each load is measured; figures are medians. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--warm-up",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "2s",
            description = "Before each measurement. Default: ${DEFAULT-VALUE}.")
    private Duration warmup = Duration.ZERO;

    @Option(
            names = "--time",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "5s",
            description = "How long each load is measured in a round. Default: ${DEFAULT-VALUE}.")
    private Duration time = Duration.ZERO;

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws IOException, SettingsException {
        PrintStream out = OutputOptions.out();
        List<Drive> drives = new ArrayList<>();
        inFlight.stream().filter(count -> count > 0).forEach(count -> drives.add(new Drive.InFlight(count)));
        rates.forEach(rate -> drives.add(new Drive.Rate(rate)));
        Throughput.Plan plan = new Throughput.Plan(workloads, drives, keys, valueBytes, rounds, warmup, time, seed);
        try (MeasuredCluster cluster = connection.open(System.getenv(), out)) {
            String shape = cluster.shape();
            out.println(shape);
            List<Row> rows = new Throughput(cluster.client(), plan, out).run();
            output.keep(rows, shape, FigurePage.CLUSTER, out);
            return Main.DONE;
        }
    }
}
