package io.caskade.server.metrics;

import io.caskade.server.admin.CopyStatus;
import io.caskade.server.admin.NodeStatus;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.replica.Role;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// The status of this node's copies, one gauge for each partition and fact, as of the last update. For one
/// thread at a time.
final class PartitionGauges {

    private record Fact(MultiGauge gauge, ToDoubleFunction<CopyStatus> value) {}

    private final MultiGauge roles;
    private final MultiGauge isrSizes;
    private final MultiGauge lags;
    private final List<Fact> facts;

    PartitionGauges(MeterRegistry registry) {
        roles = gauge(registry, "role", "1 for the role that the copy has: leader, follower, ….");
        isrSizes = gauge(registry, "isr.size", "The copies in the in-sync set.");
        lags = gauge(registry, "follower.lag", "Records that a follower has not acknowledged; at the leader.");
        facts = List.of(
                fact(registry, "epoch", "The newest leader epoch in the copy's log.", CopyStatus::lastLogEpoch),
                fact(registry, "log.end", "The sequence of the last record in the log.", CopyStatus::logEnd),
                fact(
                        registry,
                        "acknowledged.end",
                        "The last sequence that the copy has acknowledged as durable.",
                        CopyStatus::acknowledgedEnd),
                fact(
                        registry,
                        "high_watermark",
                        "The last sequence that is known to be committed.",
                        CopyStatus::highWatermark),
                fact(registry, "in.sync", "1 if the copy is in the in-sync set.", copy -> one(copy.inSync())),
                fact(
                        registry,
                        "disk.full",
                        "1 while the copy rejects writes because the disk is full.",
                        copy -> one(copy.diskFull())),
                fact(
                        registry,
                        "slowing.puts",
                        "1 while puts are slowed because merges cannot keep up.",
                        copy -> one(copy.slowingPuts())),
                fact(registry, "taken.bytes", "The length of the copy's files.", CopyStatus::takenBytes),
                fact(registry, "live.bytes", "The length of its live records and tombstones.", CopyStatus::liveBytes));
    }

    private static double one(boolean holds) {
        return holds ? 1 : 0;
    }

    private static Fact fact(MeterRegistry registry, String name, String doc, ToDoubleFunction<CopyStatus> value) {
        return new Fact(gauge(registry, name, doc), value);
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String doc) {
        return MultiGauge.builder("caskade.partition." + name).description(doc).register(registry);
    }

    /// Takes over a status. Partitions that are not in it are shown no more.
    void update(NodeStatus status, Optional<ClusterImage> image) {
        List<CopyStatus> copies = status.copies();
        roles.register(
                copies.stream()
                        .map(copy -> MultiGauge.Row.of(tags(copy).and("role", name(copy.role())), 1))
                        .toList(),
                true);
        isrSizes.register(
                copies.stream()
                        .flatMap(copy -> image.flatMap(known -> known.partition(copy.partition())).stream()
                                .map(state -> MultiGauge.Row.of(
                                        tags(copy), state.value().isr().size())))
                        .toList(),
                true);
        lags.register(
                copies.stream()
                        .flatMap(copy -> copy.followers().stream()
                                .filter(follower -> follower.lag().isPresent())
                                .map(follower -> MultiGauge.Row.of(
                                        tags(copy).and("follower", follower.node()),
                                        follower.lag().getAsLong())))
                        .toList(),
                true);
        facts.forEach(fact -> fact.gauge()
                .register(
                        copies.stream()
                                .map(copy -> MultiGauge.Row.of(
                                        tags(copy), fact.value().applyAsDouble(copy)))
                                .toList(),
                        true));
    }

    private static Tags tags(CopyStatus copy) {
        return Tags.of("partition", Integer.toString(copy.partition()));
    }

    private static String name(Role role) {
        return switch (role) {
            case Role.Follower _ -> "follower";
            case Role.Candidate _ -> "candidate";
            case Role.PendingLeader _ -> "pending_leader";
            case Role.Leader _ -> "leader";
            case Role.Transferring _ -> "transferring";
            case Role.Resigned _ -> "resigned";
            case Role.Stopped _ -> "stopped";
            case Role.Fenced _ -> "fenced";
            case Role.Rebuilding _ -> "rebuilding";
        };
    }
}
