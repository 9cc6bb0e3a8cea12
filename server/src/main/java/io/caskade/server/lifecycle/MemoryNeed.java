package io.caskade.server.lifecycle;

import io.caskade.server.config.ServerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How much memory a node takes at most, by its settings: it is said when the node starts, together with what
/// is wrong when it cannot fit.
///
/// @param settings what it depends on
/// @param maxHeap the JVM's, in bytes
public record MemoryNeed(Settings settings, long maxHeap) {

    /// Classes, threads, connections, the ZooKeeper client: measured, rounded up.
    private static final long BASE_BYTES = 64 << 20;

    /// Writes in flight take no more than this part of the heap, unless one partition may.
    private static final int WRITES_PART = 4;

    /// Received appends take no more than this part of the heap, unless one partition may.
    private static final int APPENDS_PART = 16;

    private static final long PARTITION_APPEND_BYTES = 8 << 20;
    private static final long PEER_QUEUE_BYTES = 32 << 20;

    /// The buffers of a merge and of a scrub, and the places of the keys that a merge moves.
    private static final long MAINTENANCE_BYTES = 24 << 20;

    private static final long HINT_BYTES = 4 << 20;

    /// The settings that memory depends on; sizes are bytes.
    ///
    /// @param partitions the copies that the node may keep: all of the cluster's
    /// @param peers how many nodes it sends its log to
    /// @param inFlight of one partition
    public record Settings(
            int partitions, int peers, long reads, long inFlight, long cache, long keydir, long maxValue) {}

    /// What a node's configuration needs of this process's heap.
    ///
    /// @param partitions the cluster's
    public static MemoryNeed of(ServerConfig config, int partitions) {
        return new MemoryNeed(
                new Settings(
                        partitions,
                        config.cluster().replicationFactor() - 1,
                        config.limits().reads().bytes(),
                        config.limits().inFlight().bytes(),
                        config.storage().cacheSize().bytes(),
                        config.limits().keydir().bytes(),
                        config.storage().maxValueSize().bytes()),
                Runtime.getRuntime().maxMemory());
    }

    private record Part(String name, long bytes) {
        @Override
        public String toString() {
            return name + " " + mebibytes(bytes);
        }
    }

    /// The bound of clients' writes in flight, for all partitions together.
    public long maxWriteBytes() {
        return Math.min(
                settings.inFlight() * settings.partitions(), Math.max(settings.inFlight(), maxHeap / WRITES_PART));
    }

    /// The bound of received appends, for all partitions together.
    public long maxAppendBytes() {
        return Math.min(
                PARTITION_APPEND_BYTES * settings.partitions(),
                Math.max(PARTITION_APPEND_BYTES, maxHeap / APPENDS_PART));
    }

    private List<Part> parts() {
        List<Part> parts = new ArrayList<>(List.of(
                new Part("the node itself", BASE_BYTES),
                new Part("values being read (limits.reads)", Math.max(settings.reads(), settings.maxValue())),
                new Part("writes in flight (limits.in-flight, at most a quarter of the heap)", maxWriteBytes()),
                new Part("requests being received over HTTP and the Redis protocol", settings.inFlight()),
                new Part("the cache (storage.cache-size)", settings.cache())));
        if (settings.peers() > 0) {
            parts.add(new Part(
                    "queued appends (cluster.replication-factor)",
                    PEER_QUEUE_BYTES * settings.peers() + maxAppendBytes()));
        }
        parts.add(new Part(
                "merges, scrubs and hints (storage.max-value-size)",
                MAINTENANCE_BYTES + HINT_BYTES + 2 * settings.maxValue()));
        return parts;
    }

    /// The heap that is needed at most.
    public long heapBytes() {
        return parts().stream().mapToLong(Part::bytes).sum();
    }

    /// One line on all of it.
    public String summary() {
        return "memory: at most " + mebibytes(heapBytes()) + " of the heap's " + mebibytes(maxHeap) + " ("
                + String.join(", ", parts().stream().map(Part::toString).toList()) + "); off the heap: keys "
                + (settings.keydir() == 0 ? "without a limit" : mebibytes(settings.keydir()))
                + " (limits.keydir), and connections' buffers as -XX:MaxDirectMemorySize allows";
    }

    /// What is wrong with the heap, if something is.
    public Optional<String> shortage() {
        return heapBytes() <= maxHeap
                ? Optional.empty()
                : Optional.of("the heap has " + mebibytes(maxHeap) + " (CASKADE_HEAP, -Xmx), but the settings"
                        + " need up to " + mebibytes(heapBytes())
                        + ": give it more, or lower limits.reads, limits.in-flight, storage.cache-size or"
                        + " storage.max-value-size");
    }

    /// Why the node must not start: what it is certain to hold in the course of time does not fit.
    public Optional<String> impossibility() {
        long held = settings.cache() + settings.reads() + BASE_BYTES;
        return held <= maxHeap
                ? Optional.empty()
                : Optional.of("storage.cache-size " + mebibytes(settings.cache()) + " and limits.reads "
                        + mebibytes(settings.reads()) + " do not fit into the heap of " + mebibytes(maxHeap)
                        + " (CASKADE_HEAP, -Xmx), of which the node itself needs " + mebibytes(BASE_BYTES));
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + "MiB";
    }
}
