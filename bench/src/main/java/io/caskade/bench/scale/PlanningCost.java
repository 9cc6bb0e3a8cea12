package io.caskade.bench.scale;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.Controller;
import io.caskade.server.controller.ControllerAction;
import io.caskade.server.controller.ControllerPlanner;
import io.caskade.server.controller.Observations;
import io.caskade.server.controller.Policy;
import io.caskade.server.controller.ReplicationPolicy;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// How long the controller computes for a cluster of some size.
///
/// @param nodes of the cluster
/// @param partitions of the cluster
/// @param idleMillis for a plan when there is nothing to do
/// @param failoverMillis for all plans and images from the loss of a node until each of its partitions has
///     another leader
/// @param elections how many partitions it led
/// @param replacementMillis for all plans and images until each of its copies has another node to go to
/// @param replacements how many copies it kept
record PlanningCost(
        int nodes,
        int partitions,
        double idleMillis,
        double failoverMillis,
        int elections,
        double replacementMillis,
        int replacements) {

    private static final double NANOS_PER_MILLI = 1e6;
    private static final long REPLACE_AFTER_MILLIS = 600_000;
    private static final Policy POLICY = new Policy(
            new ReplicationPolicy(3, 2),
            REPLACE_AFTER_MILLIS,
            true,
            Policy.STABLE_LEADER_MILLIS,
            Policy.ABSENCE_MILLIS);

    /// What a controller did until it had nothing left to do.
    private record Work(double millis, int changes, ClusterImage result) {}

    /// Measures it; the code is warm after a few calls.
    static PlanningCost measure(int nodes, int partitions) {
        ClusterImage healthy = SyntheticCluster.of(nodes, partitions);
        long before = System.nanoTime();
        ControllerPlanner.next(healthy, POLICY, Observations.NONE);
        double idle = millisSince(before);
        String lost = SyntheticCluster.id(nodes / 2);
        Work failover = work(healthy.without(lost), Observations.NONE);
        Work replacement = work(failover.result(), new Observations(Set.of(lost), Set.of(), Set.of()));
        return new PlanningCost(
                nodes,
                partitions,
                idle,
                failover.millis(),
                failover.changes(),
                replacement.millis(),
                replacement.changes());
    }

    /// Plans, applies a transaction, and plans again from the image after it, as the controller does.
    private static Work work(ClusterImage first, Observations observations) {
        ClusterImage image = first;
        int changes = 0;
        long before = System.nanoTime();
        while (true) {
            List<ControllerAction.ChangePartition> changed =
                    ControllerPlanner.next(image, POLICY, observations).stream()
                            .filter(ControllerAction.ChangePartition.class::isInstance)
                            .map(ControllerAction.ChangePartition.class::cast)
                            .filter(PlanningCost::isOfThisStep)
                            .limit(Controller.WRITES_AT_ONCE)
                            .toList();
            if (changed.isEmpty()) {
                return new Work(millisSince(before), changes, image);
            }
            changes += changed.size();
            image = after(changed, image);
        }
    }

    /// What comes later waits for copies that catch up.
    private static boolean isOfThisStep(ControllerAction.ChangePartition change) {
        return switch (change.step()) {
            case ELECT, REPLACE -> true;
            case WITHDRAW_SUCCESSOR, ADD_REPLICA, REMOVE_REPLICA, FINISH_MOVE, NAME_SUCCESSOR -> false;
        };
    }

    private static ClusterImage after(List<ControllerAction.ChangePartition> changed, ClusterImage image) {
        SortedMap<Integer, Versioned<PartitionState>> partitions = new TreeMap<>(image.partitions());
        changed.forEach(change ->
                partitions.put(change.next().id(), new Versioned<>(change.next(), change.expectedVersion() + 1)));
        return new ClusterImage(image.settings(), image.nodes(), partitions, image.draining(), image.controller());
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / NANOS_PER_MILLI;
    }
}
