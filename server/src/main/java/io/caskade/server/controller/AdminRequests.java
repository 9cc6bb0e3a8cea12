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

/// Administrators' requests as changes of a partition's state. Any node may make the change by compare-and-set;
/// the current controller then executes it.
public final class AdminRequests {

    private AdminRequests() {}

    /// The outcome of a request.
    public sealed interface Outcome {

        /// The state to write in place of the expected version.
        record Change(PartitionState next, int expectedVersion) implements Outcome {}

        /// Nothing to do: the state is as requested, or about to be.
        record Unchanged() implements Outcome {}

        /// The request is invalid.
        ///
        /// @param reason human-readable; names the partition and the node
        record Refused(String reason) implements Outcome {}
    }

    /// Makes a node the leader of a partition, now and whenever leaders are balanced, since it becomes the
    /// preferred replica. It must be registered, in sync, not draining and not departing.
    public static Outcome moveLeader(ClusterImage image, int partition, String node) {
        Versioned<PartitionState> current = image.partitions().get(partition);
        if (current == null) {
            return unknown(partition);
        }
        PartitionState state = current.value();
        if (!state.isStaying(node)) {
            return new Outcome.Refused("node " + node + " is not a replica of partition " + partition + "; replicas: "
                    + state.targetReplicas());
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

    /// Reassigns a partition to these nodes, the preferred replica first; replaces a reassignment in
    /// progress. New nodes must be available, and there must be at least min-insync nodes. If another node is
    /// preferred then whose copy is in sync already, it is to lead at once.
    public static Outcome moveReplicas(ClusterImage image, int partition, List<String> target) {
        Versioned<PartitionState> current = image.partitions().get(partition);
        if (current == null) {
            return unknown(partition);
        }
        PartitionState state = current.value();
        if (new HashSet<>(target).size() < target.size()) {
            return new Outcome.Refused("duplicate nodes in the target: " + target);
        }
        if (target.size() < state.minInSync()) {
            return new Outcome.Refused("partition " + partition + " needs at least " + state.minInSync()
                    + " copies (min-insync); found " + target);
        }
        for (String node : target) {
            if (!state.isReplica(node) && !image.mayKeepCopies(node)) {
                return unusable(node, image);
            }
        }
        PartitionState next = state.withTarget(target.equals(state.replicas()) ? List.of() : target);
        return changeTo(withPreferredSuccessor(image, state, next), current);
    }

    private static PartitionState withPreferredSuccessor(
            ClusterImage image, PartitionState before, PartitionState next) {
        String preferred = next.targetReplicas().getFirst();
        NodeIncarnation leader = next.leader();
        boolean mayLead = leader != null
                && !leader.node().equals(preferred)
                && !preferred.equals(before.targetReplicas().getFirst())
                && next.isStaying(preferred)
                && next.inSyncCopyOf(preferred).isPresent()
                && image.mayKeepCopies(preferred);
        return mayLead ? next.withSuccessor(preferred) : next;
    }

    private static Outcome changeTo(PartitionState next, Versioned<PartitionState> current) {
        return next.equals(current.value()) ? new Outcome.Unchanged() : new Outcome.Change(next, current.version());
    }

    private static Outcome unknown(int partition) {
        return new Outcome.Refused("no partition " + partition);
    }

    private static Outcome unusable(String node, ClusterImage image) {
        return new Outcome.Refused(
                "node " + node + (image.draining().contains(node) ? " is draining" : " is not registered"));
    }
}
