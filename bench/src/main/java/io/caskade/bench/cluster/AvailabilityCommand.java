package io.caskade.bench.cluster;

import io.caskade.bench.report.Row;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.settings.SettingsException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Measures gaps and errors while something happens to the cluster.
@Command(
        name = "availability",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "",
            "Reads and writes at a fixed rate while something happens to the cluster: how long is a partition",
            "without a write, and what fails?",
            ""
        })
final class AvailabilityCommand implements Callable<Integer> {

    /// What happens.
    enum Scenario {
        /// A node that leads is killed with SIGKILL and started again.
        LEADER_KILL,
        /// Each node is stopped with SIGTERM and started again.
        ROLLING_RESTART,
        /// ZooKeeper is stopped with SIGSTOP, and goes on.
        ZOOKEEPER_AWAY;

        /// As people write it.
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private ProcessOptions parts = new ProcessOptions();

    @Option(
            names = "--scenario",
            split = ",",
            description = "What happens: ${COMPLETION-CANDIDATES}; several separated by commas. Default: all.")
    private Set<Scenario> scenarios = EnumSet.noneOf(Scenario.class);

    @Option(
            names = "--during",
            paramLabel = "COMMAND",
            description = "Instead of a scenario: what sh does while the load goes on. Its figures are not kept.")
    private @Nullable String during;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "50",
            description = "Writes, and reads, a second of each partition. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--times",
            paramLabel = "N",
            defaultValue = "10",
            description = "How often a leader is killed. Default: ${DEFAULT-VALUE}.")
    private int times;

    @Option(
            names = "--away",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "60s",
            description = "How long ZooKeeper is stopped. Default: ${DEFAULT-VALUE}.")
    private Duration away = Duration.ZERO;

    @Option(
            names = "--calm",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "3s",
            description = "How long nothing happens before and after. Default: ${DEFAULT-VALUE}.")
    private Duration calm = Duration.ZERO;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            defaultValue = "2m",
            description = "How long the cluster may take to be whole again. Default: ${DEFAULT-VALUE}.")
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
            Availability availability = new Availability(client, new Availability.Plan(rate, calm, timeout), out);
            if (during != null) {
                List<String> command = List.of("sh", "-c", during);
                List<Row> rows = availability.during("during", () -> ClusterProcesses.run(command));
                out.println(ClusterPage.tables(rows));
                return Main.DONE;
            }
            ClusterProcesses processes = cluster.processes(parts.processes());
            List<Row> rows = new ArrayList<>();
            for (Scenario scenario : scenarios.isEmpty() ? EnumSet.allOf(Scenario.class) : scenarios) {
                rows.addAll(
                        switch (scenario) {
                            case LEADER_KILL -> availability.leaderKilled(processes, times);
                            case ROLLING_RESTART -> availability.rollingRestart(processes);
                            case ZOOKEEPER_AWAY -> availability.zookeeperAway(processes, away);
                        });
            }
            output.keep(rows, shape, FigurePage.CLUSTER, out);
            return Main.DONE;
        }
    }
}
