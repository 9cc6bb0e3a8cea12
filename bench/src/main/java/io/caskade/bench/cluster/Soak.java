package io.caskade.bench.cluster;

import io.caskade.bench.report.ResourceSample;
import io.caskade.bench.time.Pause;
import io.caskade.client.AsyncCaskadeClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Runs a checked load on a cluster for a long time, restarts and kills nodes meanwhile, and watches what they
/// take of the machine. For one thread.
final class Soak {

    /// What a run is like.
    ///
    /// @param every how often a node is restarted or killed
    /// @param data where node N keeps its data, `{}` standing for its name
    /// @param maxDescriptors a node that has more open has a leak
    record Plan(
            Duration length,
            Duration sampling,
            Duration every,
            int keys,
            int perSecond,
            String data,
            int maxDescriptors) {}

    private static final Duration HEALTHY_TIMEOUT = Duration.ofMinutes(3);
    private static final Duration TERMINATION_TIMEOUT = Duration.ofSeconds(60);

    /// A merge unmaps what it has replaced soon, but not within one sample.
    private static final int MAX_SAMPLES_WITH_DELETED_MAPS = 3;

    private static final double MICROS_PER_MILLI = 1000;

    private final AsyncCaskadeClient client;
    private final ClusterWatch watch;
    private final ClusterProcesses processes;
    private final Plan plan;
    private final PrintStream out;
    private final SoakRecord samples = new SoakRecord();
    private final Map<Long, Integer> samplesWithDeletedMaps = new HashMap<>();
    private final AtomicReference<@Nullable String> eventFailure = new AtomicReference<>();
    private volatile boolean ending;

    Soak(AsyncCaskadeClient client, ClusterProcesses processes, Plan plan, PrintStream out) {
        this.client = client;
        this.watch = new ClusterWatch(client);
        this.processes = processes;
        this.plan = plan;
        this.out = out;
    }

    /// Runs it to its end, or to the first wrong answer.
    ///
    /// @return what was wrong, nothing when all is well
    List<String> run(Path chart) throws IOException {
        List<String> nodes = watch.awaitHealthy(HEALTHY_TIMEOUT).nodes().stream()
                .map(node -> node.id())
                .sorted()
                .toList();
        List<String> faults = new ArrayList<>();
        Thread events = Thread.ofPlatform().name("events").daemon().start(() -> strike(nodes));
        try (CheckedLoad load = CheckedLoad.start(client, plan.keys(), plan.perSecond())) {
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < plan.length().toNanos() && faults.isEmpty()) {
                Pause.of(plan.sampling());
                SortedMap<String, ResourceSample> running = sample(nodes, load, begin);
                load.wrongAnswer().ifPresent(faults::add);
                Optional.ofNullable(eventFailure.get()).ifPresent(faults::add);
                faults.addAll(leaks(running));
            }
            ending = true;
            Pause.until(events);
            out.println("failed: " + load.failures());
        }
        if (faults.isEmpty()) {
            watch.awaitHealthy(HEALTHY_TIMEOUT);
        }
        faults.addAll(samples.drifts());
        samples.draw(chart);
        return faults;
    }

    private SortedMap<String, ResourceSample> sample(List<String> nodes, CheckedLoad load, long begin)
            throws IOException {
        SortedMap<String, ResourceSample> running = new TreeMap<>();
        for (String node : nodes) {
            ResourceSample.of(processes.lastPid(node), Path.of(plan.data().replace("{}", node)))
                    .ifPresent(sample -> running.put(node, sample));
        }
        Histogram latencies = load.takeLatencies();
        SoakRecord.Line line = new SoakRecord.Line(
                (System.nanoTime() - begin) / 1e9,
                running,
                latencies.getTotalCount(),
                latencies.getValueAtPercentile(99) / MICROS_PER_MILLI);
        samples.add(line);
        out.println(SoakRecord.text(line));
        running.values()
                .forEach(sample -> samplesWithDeletedMaps.merge(
                        sample.pid(), sample.deletedMaps(), (before, now) -> now > 0 ? before + 1 : 0));
        return running;
    }

    private List<String> leaks(SortedMap<String, ResourceSample> running) {
        List<String> leaks = new ArrayList<>();
        running.forEach((node, sample) -> {
            if (sample.descriptors() > plan.maxDescriptors()) {
                leaks.add(node + " has " + sample.descriptors() + " descriptors open");
            }
            if (samplesWithDeletedMaps.getOrDefault(sample.pid(), 0) > MAX_SAMPLES_WITH_DELETED_MAPS) {
                leaks.add(node + " keeps maps of deleted files");
            }
        });
        return leaks;
    }

    /// Restarts a node, and the next time kills one.
    private void strike(List<String> nodes) {
        SplittableRandom random = new SplittableRandom(1);
        try {
            for (boolean kills = false; pauseUnlessEnding(); kills = !kills) {
                String node = nodes.get(random.nextInt(nodes.size()));
                out.println((kills ? "killing " : "restarting ") + node);
                if (kills) {
                    processes.kill(node);
                } else {
                    processes.terminate(node, TERMINATION_TIMEOUT);
                }
                processes.start(node);
                watch.awaitHealthy(HEALTHY_TIMEOUT);
            }
        } catch (RuntimeException e) {
            eventFailure.set("a node could not be restarted: " + e.getMessage());
        }
    }

    /// @return false once the soak ends
    private boolean pauseUnlessEnding() {
        long begin = System.nanoTime();
        while (!ending && System.nanoTime() - begin < plan.every().toNanos()) {
            Pause.of(Duration.ofMillis(100));
        }
        return !ending;
    }
}
