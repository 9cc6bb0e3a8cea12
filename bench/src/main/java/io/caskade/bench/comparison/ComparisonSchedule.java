package io.caskade.bench.comparison;

import java.time.Duration;
import java.util.Set;

/// What a run has before it. Pure.
///
/// @param loads how many measurements of loads there are, over all contenders and rounds
/// @param time about how long all of it takes
public record ComparisonSchedule(int loads, Duration time) {

    /// Caskade over gRPC, the Redis protocol and HTTP.
    private static final int PROTOCOLS = 3;

    private static final int WRITES_AND_READS = 2;

    /// What starting a cluster, or one server, and ending it again takes.
    private static final Duration CLUSTER_START = Duration.ofSeconds(20);

    private static final Duration START = Duration.ofSeconds(5);

    /// Connecting for a load, and waiting for the last replies.
    private static final Duration AROUND_LOAD = Duration.ofMillis(500);

    /// A slow disk's rate.
    private static final int KEYS_FILLED_PER_SECOND = 10_000;

    private static final ComparisonSchedule NOTHING = new ComparisonSchedule(0, Duration.ZERO);

    /// Adds up the parts of a run.
    ///
    /// @param peers that will be compared with
    public static ComparisonSchedule of(ComparisonPlan plan, Set<ComparisonPart> parts, InstalledPeers peers) {
        ComparisonSchedule all = NOTHING;
        for (ComparisonPart part : parts) {
            all = all.plus(of(plan, part, peers));
        }
        if (ComparisonPart.needCluster(parts)) {
            all = all.plus(CLUSTER_START);
        }
        if (ComparisonPart.needOneNode(parts)) {
            int servers = 1 + peers.ofOneNode();
            all = all.plus(START.plus(fill(plan)).multipliedBy(servers));
        }
        return all;
    }

    private static ComparisonSchedule of(ComparisonPlan plan, ComparisonPart part, InstalledPeers peers) {
        return switch (part) {
            case LIMITS -> NOTHING.plus(MachineLimits.time(Comparison.LIMIT_TIME));
            case COLD -> NOTHING.plus(START).plus(Comparison.CLIENT_WARM_UP).plus(ColdStart.time(plan.later()));
            case THREE_NODES -> threeNodes(plan, peers.ofThreeNodes());
            case ONE_NODE -> peers.redisBenchmark() ? oneNode(plan, 1 + peers.ofOneNode()) : NOTHING;
            case IDLE -> NOTHING.plus(IdleConnections.time(plan.idleTime()).multipliedBy(1L + peers.ofOneNode()));
        };
    }

    private static ComparisonSchedule threeNodes(ComparisonPlan plan, int peers) {
        int contenders = PROTOCOLS + peers;
        int halfPeaks = 1;
        return loads(plan, contenders, plan.shapes().size() * plan.rounds() + halfPeaks)
                .plus(CLUSTER_START.multipliedBy(peers))
                .plus(fill(plan).multipliedBy(1L + peers));
    }

    private static ComparisonSchedule oneNode(ComparisonPlan plan, int contenders) {
        return loads(plan, contenders, OneNode.SHAPES.size() * plan.rounds());
    }

    /// So many measurements of writes, and of reads, on each contender, when all are warm.
    private static ComparisonSchedule loads(ComparisonPlan plan, int contenders, int each) {
        int loads = contenders * WRITES_AND_READS * each;
        Duration load = plan.warmup().plus(plan.time()).plus(AROUND_LOAD);
        Duration warming = plan.warmTime().multipliedBy((long) contenders * WRITES_AND_READS);
        return new ComparisonSchedule(loads, load.multipliedBy(loads).plus(warming));
    }

    private static Duration fill(ComparisonPlan plan) {
        return Duration.ofSeconds(1L + plan.records().keys() / KEYS_FILLED_PER_SECOND);
    }

    private ComparisonSchedule plus(Duration more) {
        return new ComparisonSchedule(loads, time.plus(more));
    }

    private ComparisonSchedule plus(ComparisonSchedule other) {
        return new ComparisonSchedule(loads + other.loads, time.plus(other.time));
    }

    /// In a line.
    public String describe() {
        long minutes = time.plusSeconds(30).toMinutes();
        return (minutes == 0 ? "takes less than a minute" : "takes about " + minutes + " min") + ": " + loads
                + " measurements of loads, and what is around them";
    }
}
