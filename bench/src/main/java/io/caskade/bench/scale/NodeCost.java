package io.caskade.bench.scale;

import io.caskade.bench.report.ResourceSample;
import io.caskade.bench.time.Pause;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// What a standalone node takes of its machine while nothing asks it for anything; its ZooKeeper is part of the
/// process.
///
/// @param partitions that it serves, all empty
/// @param startMillis until it served
/// @param residentBytes resident memory
/// @param descriptors open files
/// @param maps memory maps; Linux allows 65,530 a process by default
/// @param idlePercent of one processor
record NodeCost(int partitions, double startMillis, long residentBytes, int descriptors, int maps, double idlePercent) {

    /// After the start, compilers and connections have work for some time.
    private static final Duration SETTLING = Duration.ofSeconds(20);

    private static final Duration WINDOW = Duration.ofSeconds(20);
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double PERCENT = 100;

    /// Measures it; takes some 45 seconds.
    ///
    /// @param directory empty
    static NodeCost measure(int partitions, Path directory) throws IOException {
        Path configuration = Files.writeString(
                directory.resolve("server.yaml"),
                String.format(Locale.ROOT, """
                        data-dir: %s
                        zookeeper:
                          embedded: true
                          connect: 127.0.0.1:0
                        listeners:
                          grpc:
                            bind: 127.0.0.1:0
                          http:
                            bind: 127.0.0.1:0
                          redis:
                            bind: 127.0.0.1:0
                          replication:
                            bind: 127.0.0.1:0
                        cluster:
                          partitions: %d
                        """, directory.resolve("data"), partitions));
        long before = System.nanoTime();
        Process node = new ProcessBuilder("bin/caskade-server", configuration.toString())
                .redirectError(directory.resolve("node.log").toFile())
                .start();
        try {
            awaitReady(node, directory);
            double start = (System.nanoTime() - before) / NANOS_PER_MILLI;
            Pause.of(SETTLING);
            Duration used = processorTime(node);
            Pause.of(WINDOW);
            double idle = processorTime(node).minus(used).toNanos() * PERCENT / WINDOW.toNanos();
            ResourceSample sample = ResourceSample.of(node.pid(), directory.resolve("data"))
                    .orElseThrow(() -> new IOException("the node has ended: see " + directory.resolve("node.log")));
            return new NodeCost(partitions, start, sample.resident(), sample.descriptors(), sample.maps(), idle);
        } finally {
            node.destroy();
            node.onExit().join();
        }
    }

    private static void awaitReady(Process node, Path directory) throws IOException {
        BufferedReader said = node.inputReader(StandardCharsets.UTF_8);
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.endsWith(" ready")) {
                return;
            }
        }
        throw new IOException("the node did not start: see " + directory.resolve("node.log"));
    }

    private static Duration processorTime(Process node) {
        return node.info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("the system does not tell a process's processor time"));
    }
}
