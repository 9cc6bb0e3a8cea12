package io.caskade.bench.cluster;

import io.caskade.bench.report.Median;
import io.caskade.bench.report.Row;
import io.caskade.bench.time.Pause;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.ClusterView;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// Measures for how long a partition takes no write, and what fails, while something happens to the
/// cluster. For one thread.
final class Availability {

    /// What is common to all runs.
    ///
    /// @param perSecond writes, and reads, per second and partition
    /// @param calm how long to wait undisturbed before and after each event
    /// @param timeout how long the cluster may take to be healthy again
    record Plan(int perSecond, Duration calm, Duration timeout) {}

    private static final String CASKADE = "caskade";
    private static final Duration TERMINATION_TIMEOUT = Duration.ofSeconds(60);
    private static final double NANOS_PER_MILLI = 1e6;

    /// Gaps at least this long are printed one by one.
    private static final Duration LONG_GAP = Duration.ofMillis(150);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private final AsyncCaskadeClient client;
    private final ClusterWatch watch;
    private final Plan plan;
    private final PrintStream out;

    /// What was measured of one event.
    private record Gap(boolean controller, double writesMillis) {}

    /// @param out gets the progress
    Availability(AsyncCaskadeClient client, Plan plan, PrintStream out) {
        this.client = client;
        this.watch = new ClusterWatch(client);
        this.plan = plan;
        this.out = out;
    }

    /// Kills a node that leads, as `kill -9` does, waits until every partition has taken a write, and
    /// starts it again, a number of times. Every other time, if possible, the node is also the controller.
    List<Row> leaderKilled(ClusterProcesses processes, int times) {
        List<Gap> gaps = new ArrayList<>();
        SteadyLoad load = start();
        try (load) {
            for (int time = 0; time < times; time++) {
                gaps.add(killOne(processes, load, time));
            }
        }
        List<Row> rows = new ArrayList<>();
        rows.addAll(gaps("leader-kill-gap", gaps.stream().filter(gap -> !gap.controller())));
        rows.addAll(gaps("leader-and-controller-kill-gap", gaps.stream().filter(Gap::controller)));
        rows.addAll(failures("leader-kill", load));
        return rows;
    }

    private Gap killOne(ClusterProcesses processes, SteadyLoad load, int time) {
        ClusterView view = watch.awaitHealthy(plan.timeout());
        String victim = victim(view, time % 2 == 1);
        boolean controller = view.controller().filter(victim::equals).isPresent();
        long led = ClusterWatch.ledBy(view, victim);
        Pause.of(plan.calm());
        long from = System.nanoTime();
        processes.kill(victim);
        awaitWritesAfter(load, System.nanoTime());
        Pause.of(plan.calm());
        Gap gap = new Gap(controller, millis(load.writes().longestGap(from, System.nanoTime())));
        out.printf(
                Locale.ROOT,
                "kill %d  %s, which led %d partitions%s: %,.0f ms without a write%n",
                time + 1,
                victim,
                led,
                controller ? " and was the controller" : "",
                gap.writesMillis());
        processes.start(victim);
        return gap;
    }

    /// The node that leads most partitions, or the controller if it leads any.
    static String victim(ClusterView view, boolean controllerIfItLeads) {
        return view.controller()
                .filter(node -> controllerIfItLeads && ClusterWatch.ledBy(view, node) > 0)
                .or(() -> view.nodes().stream()
                        .map(ClusterView.Node::id)
                        .max(Comparator.comparingLong(node -> ClusterWatch.ledBy(view, node))))
                .orElseThrow(() -> new IllegalStateException("the cluster has no nodes"));
    }

    private void awaitWritesAfter(SteadyLoad load, long moment) {
        while (!load.writes().allAfter(moment)) {
            if (System.nanoTime() - moment > plan.timeout().toNanos()) {
                throw new IllegalStateException(
                        "a partition takes no writes " + plan.timeout().toSeconds() + " s after its leader was killed");
            }
            Pause.of(POLL_INTERVAL);
        }
    }

    /// Ends each node in turn with SIGTERM, and starts it again when it has gone.
    List<Row> rollingRestart(ClusterProcesses processes) {
        return during("rolling-restart", () -> {
            for (ClusterView.Node node : watch.awaitHealthy(plan.timeout()).nodes()) {
                out.println("restarting " + node.id());
                processes.terminate(node.id(), TERMINATION_TIMEOUT);
                processes.start(node.id());
                watch.await(
                        node.id() + " is back and all replicas are in sync",
                        plan.timeout(),
                        view -> ClusterWatch.isHealthy(view)
                                && view.node(node.id())
                                        .filter(now -> !now.incarnation().equals(node.incarnation()))
                                        .isPresent());
            }
        });
    }

    /// Pauses ZooKeeper for some time.
    List<Row> zookeeperAway(ClusterProcesses processes, Duration away) {
        return during("zookeeper-away", () -> processes.pause(ClusterProcesses.ZOOKEEPER, () -> Pause.of(away)));
    }

    /// Measures the effect of an event on writes and reads.
    ///
    /// @param name of the figures
    List<Row> during(String name, Runnable event) {
        watch.awaitHealthy(plan.timeout());
        SteadyLoad load = start();
        double writes;
        double reads;
        try (load) {
            Pause.of(plan.calm());
            long from = System.nanoTime();
            event.run();
            Pause.of(plan.calm());
            long to = System.nanoTime();
            writes = millis(load.writes().longestGap(from, to));
            reads = millis(load.reads().longestGap(from, to));
            print("write", load.writes().gaps(from, to, LONG_GAP.toNanos()));
            print("read", load.reads().gaps(from, to, LONG_GAP.toNanos()));
        }
        out.printf(
                Locale.ROOT,
                "%s: %,.0f ms without a write, %,.0f ms without a read; writes failed: %s; reads failed: %s%n",
                name,
                writes,
                reads,
                load.failedWrites(),
                load.failedReads());
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(name + "-gap", CASKADE, writes, "ms", ""));
        rows.add(new Row(name + "-read-gap", CASKADE, reads, "ms", ""));
        rows.addAll(failures(name, load));
        return rows;
    }

    /// Says when a partition had none for long, in the time that the nodes' logs have.
    private void print(String kind, List<SuccessTimes.Gap> gaps) {
        long nanos = System.nanoTime();
        Instant now = Instant.now();
        gaps.stream()
                .sorted(Comparator.comparingLong(gap -> gap.from() - nanos))
                .forEach(gap -> out.printf(
                        Locale.ROOT,
                        "%s  partition %d: %,.0f ms without a %s%n",
                        TIME.format(now.plusNanos(gap.from() - nanos)),
                        gap.stream(),
                        millis(gap.nanos()),
                        kind));
    }

    private SteadyLoad start() {
        return SteadyLoad.start(client, watch.view().partitions().size(), plan.perSecond());
    }

    private static List<Row> gaps(String name, Stream<Gap> of) {
        List<Double> millis = of.map(Gap::writesMillis).toList();
        if (millis.isEmpty()) {
            return List.of();
        }
        double worst = millis.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return List.of(
                new Row(name, CASKADE, Median.of(millis), "ms", ""),
                new Row(name + "-worst", CASKADE, worst, "ms", ""),
                new Row(name + "-kills", CASKADE, (double) millis.size(), "", ""));
    }

    /// Reads and writes that failed, and writes whose outcome is unknown. The load must have been closed.
    private static List<Row> failures(String name, SteadyLoad load) {
        Map<String, Long> figures = Map.of(
                "-errors",
                load.failedWrites().definite() + load.failedReads().definite(),
                "-unknown",
                load.failedWrites().unknown());
        return figures.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new Row(name + entry.getKey(), CASKADE, (double) entry.getValue(), "op", ""))
                .toList();
    }

    private static double millis(long nanos) {
        return nanos / NANOS_PER_MILLI;
    }
}
