package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/// Administrators' requests as changes of a partition's state. Any node may carry one out by compare-and-set;
/// once it has won, the controller of the time carries the request out.
public final class AdminRequests {

    private AdminRequests() {}

    /// What becomes of a request.
    public sealed interface Outcome {

        /// The state that asks for it, in place of the one under the expected version.
        record Change(PartitionState next, int expectedVersion) implements Outcome {}

        /// It is as was asked for, or is about to be.
        record Unchanged() implements Outcome {}

        /// It cannot be.
        ///
        /// @param reason for people: names the partition and the node
        record Refused(String reason) implements Outcome {}
    }

    /// Has a node lead a partition: now, and whenever leaders are balanced, since it becomes the preferred one.
    /// It must be there, in sync, and not about to go.
    public static Outcome moveLeader(ClusterImage image, int partition, String node) {
        Versioned<PartitionState> current = image.partitions().get(partition);
        if (current == null) {
            return unknown(partition);
        }
        PartitionState state = current.value();
        if (!state.isStaying(node)) {
            return new Outcome.Refused("node " + node + " keeps no copy of partition " + partition
                    + " that is to stay there; those on " + state.targetReplicas() + " are");
        }
        if (!image.mayKeepCopies(node)) {
            return unusable(node, image);
        }
        if (state.inSyncCopyOf(node).isEmpty()) {
            return new Outcome.Refused("node " + node + " is not in sync in partition " + partition + "; in sync: "
                    + state.isr().stream().map(CopyId::node).sorted().collect(Collectors.joining(", ")));
        }
        NodeIncarnation leader = state.leader();
        boolean leads = leader != null && leader.node().equals(node);
        PartitionState next = preferring(node, state).withSuccessor(leads ? null : node);
        return changeTo(next, current);
    }

    private static PartitionState preferring(String node, PartitionState state) {
        List<String> order = new ArrayList<>(state.targetReplicas());
        order.remove(node);
        order.addFirst(node);
        return state.isReassigning() ? state.withTarget(order) : state.withReplicas(order);
    }

    /// Has these nodes keep the copies of a partition, the preferred leader first, instead of those that do, or
    /// of those another move was to bring them to. New ones must be there; at least as many as must be in sync.
    public static Outcome moveReplicas(ClusterImage image, int partition, List<String> target) {
        Versioned<PartitionState> current = image.partitions().get(partition);
        if (current == null) {
            return unknown(partition);
        }
        PartitionState state = current.value();
        if (new HashSet<>(target).size() < target.size()) {
            return new Outcome.Refused("a node keeps one copy of a partition, found " + target);
        }
        if (target.size() < state.minInSync()) {
            return new Outcome.Refused("partition " + partition + " needs at least " + state.minInSync()
                    + " copies, as many as must be in sync; found " + target);
        }
        for (String node : target) {
            if (!state.isReplica(node) && !image.mayKeepCopies(node)) {
                return unusable(node, image);
            }
        }
        return changeTo(state.withTarget(target.equals(state.replicas()) ? List.of() : target), current);
    }

    private static Outcome changeTo(PartitionState next, Versioned<PartitionState> current) {
        return next.equals(current.value()) ? new Outcome.Unchanged() : new Outcome.Change(next, current.version());
    }

    private static Outcome unknown(int partition) {
        return new Outcome.Refused("there is no partition " + partition);
    }

    private static Outcome unusable(String node, ClusterImage image) {
        return new Outcome.Refused(
                "node " + node + (image.draining().contains(node) ? " is being drained" : " is not registered"));
    }
}
