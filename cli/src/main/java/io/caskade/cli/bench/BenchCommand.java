package io.caskade.cli.bench;

import io.caskade.cli.command.UsageException;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.output.Failure;
import io.caskade.cli.process.CommandStreams;
import io.caskade.cli.process.OptionCommands;
import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClientConfig;
import io.caskade.settings.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `caskade bench`.
@Command(
        name = "caskade bench",
        sortOptions = false,
        description = {
            "",
            "Measures how many requests a second a running cluster serves and how long they take, over one protocol after the"
                    + " other. Each client sends its requests, awaits all answers, and sends the next.",
            "Its keys begin with caskade-bench/ and are removed at the end. Ctrl-C ends it with what was measured so far.",
            ""
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Exit codes: 0 all requests succeeded; 1 some failed; 2 wrong usage; 3 the cluster was not reached, or refused;",
            "130 interrupted."
        })
public final class BenchCommand implements Callable<Integer> {

    /// The command's name on the command line.
    public static final String WORD = "bench";

    private static final int MAX_VALUE_BYTES = 64 << 20;
    private static final long REQUESTS = 100_000;
    private static final Duration NO_END = Duration.ofDays(1);
    private static final Duration TIME_TO_CLEAN = Duration.ofMinutes(5);

    /// A process that is told to end waits for less than 5 s.
    private static final Duration SHORT_TIME_TO_CLEAN = Duration.ofSeconds(3);

    @Option(
            names = "--protocol",
            split = ",",
            paramLabel = "P",
            description = "grpc, redis or http; several separated by commas. Default: all of them.")
    private List<BenchProtocol> protocols = List.of(BenchProtocol.values());

    @Option(
            names = "--workload",
            split = ",",
            paramLabel = "W",
            description = "put, get, or mix, half and half; several separated by commas. Default: put,get.")
    private List<BenchWorkload> workloads = List.of(BenchWorkload.PUT, BenchWorkload.GET);

    @Option(
            names = {"-n", "--requests"},
            paramLabel = "N",
            description = "How many requests of each workload over each protocol. Default: 100000, without --duration.")
    private @Nullable Long requests;

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            description = "How long each is measured at most, such as 30s.")
    private @Nullable String duration;

    @Option(
            names = {"-c", "--clients"},
            paramLabel = "N",
            description = "How many clients. Default: ${DEFAULT-VALUE}.")
    private int clients = 50;

    @Option(
            names = {"-P", "--in-flight", "--pipeline"},
            paramLabel = "N",
            description = "How many requests each client has in flight. Default: ${DEFAULT-VALUE}.")
    private int inFlight = 1;

    @Option(
            names = {"-d", "--value-size"},
            paramLabel = "BYTES",
            description = "How long values are. Default: ${DEFAULT-VALUE}.")
    private int valueSize = 100;

    @Option(
            names = {"-r", "--keys"},
            paramLabel = "N",
            description = "How many keys there are. Default: ${DEFAULT-VALUE}.")
    private int keyCount = 10_000;

    @Option(
            names = "--warm-up",
            paramLabel = "DURATION",
            description = "How long the load runs before it is measured. Default: ${DEFAULT-VALUE}.")
    private String warmUp = "1s";

    @Option(names = "--json", description = "Print one JSON object for each workload over each protocol.")
    private boolean json;

    private final ClientConfig config;
    private final CommandStreams streams;
    private boolean interrupted;

    private BenchCommand(ClientConfig config, CommandStreams streams) {
        this.config = config;
        this.streams = streams;
    }

    /// Runs it.
    ///
    /// @param words what follows `bench`
    /// @return the exit code
    /// @throws io.caskade.cli.process.OutputException when standard output cannot be written
    public static int run(String[] words, ClientConfig config, CommandStreams streams) throws IOException {
        CommandLine line = new CommandLine(new BenchCommand(config, streams))
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true);
        return OptionCommands.run(line, words, streams, failure -> failed(failure, streams));
    }

    private static int failed(Exception failure, CommandStreams streams) {
        Failure said = switch (failure) {
            case UsageException wrong -> Failure.of(wrong);
            case CaskadeException refused -> Failure.of(refused);
            default -> new Failure("BENCH", String.valueOf(failure.getMessage()), ExitCode.REFUSED);
        };
        streams.err().println("error: " + said.message());
        return said.exitCode();
    }

    @Override
    public Integer call() throws Exception {
        LoadPlan plan = plan();
        int keyNumbers = within("--keys", keyCount, 1, Integer.MAX_VALUE);
        byte[] value = new byte[within("--value-size", valueSize, 0, MAX_VALUE_BYTES)];
        ThreadLocalRandom.current().nextBytes(value);
        try (CaskadeClient client = CaskadeClient.create(config)) {
            client.cluster(); // Whatever is wrong with it is said before anything is done.
            BenchKeys keys = new BenchKeys(client.async(), keyNumbers);
            try (LoadClients loads = new LoadClients(client, value, config.requestTimeout())) {
                return run(plan, keys, loads, value);
            } finally {
                clean(keys);
            }
        }
    }

    private LoadPlan plan() throws UsageException {
        long count = requests == null ? duration == null ? REQUESTS : Long.MAX_VALUE : requests;
        if (count < 1) {
            throw new UsageException("--requests takes at least 1, not " + count);
        }
        return new LoadPlan(
                count,
                duration == null ? NO_END : duration("--duration", duration),
                within("--clients", clients, 1, 10_000),
                within("--in-flight", inFlight, 1, 10_000),
                duration("--warm-up", warmUp));
    }

    private static int within(String option, int value, int least, int most) throws UsageException {
        if (value < least || value > most) {
            throw new UsageException(option + " takes " + least + " to " + most + ", not " + value);
        }
        return value;
    }

    private static Duration duration(String option, String text) throws UsageException {
        try {
            Duration parsed = Durations.parse(text);
            if (parsed.compareTo(NO_END) <= 0) {
                return parsed;
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + " takes a duration such as 500ms or 30s, not " + text);
        }
        throw new UsageException(option + " takes up to 24h, not " + text);
    }

    private int run(LoadPlan plan, BenchKeys keys, LoadClients loads, byte[] value) throws Exception {
        BenchReport report = new BenchReport(streams.withJson(json));
        List<BenchResult> results = new ArrayList<>();
        try {
            if (workloads.stream().anyMatch(BenchWorkload::reads)) {
                streams.showProgress("writing " + keyCount + " keys");
                keys.fill(value);
            }
            for (BenchWorkload workload : workloads) {
                for (BenchProtocol protocol : protocols) {
                    results.add(measure(protocol, workload, plan, keys, loads));
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
            report.print(results);
            return ExitCode.INTERRUPTED;
        } catch (Exception e) {
            if (!results.isEmpty()) {
                report.print(results);
            }
            throw e;
        }
        report.print(results);
        return results.stream().allMatch(result -> result.failed() == 0) ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
    }

    private BenchResult measure(
            BenchProtocol protocol, BenchWorkload workload, LoadPlan plan, BenchKeys keys, LoadClients loads)
            throws LoadClients.NotOfferedException {
        List<LoadClient> opened = loads.open(protocol, plan.clients());
        try {
            return new LoadRun(protocol, workload, keys, plan)
                    .run(opened, sofar -> streams.showProgress(BenchReport.progress(sofar)));
        } finally {
            opened.forEach(LoadClient::close);
        }
    }

    /// Removes the keys, or says that some are left.
    private void clean(BenchKeys keys) {
        boolean removed;
        try {
            streams.showProgress("removing " + keyCount + " keys");
            removed = keys.remove(interrupted ? SHORT_TIME_TO_CLEAN : TIME_TO_CLEAN);
        } catch (InterruptedException e) {
            removed = false;
        }
        streams.clearProgress();
        if (!removed) {
            streams.err().println("note: not all keys were removed; keys '" + keys.prefix() + "*' lists what is left");
        }
    }
}
