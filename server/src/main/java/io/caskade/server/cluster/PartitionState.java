package io.caskade.server.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A partition's replicas, leader, epoch and ISR. Changed only by compare-and-set, see
/// [Coordinator#compareAndSet].
///
/// Invariants:
///
/// - replicas are distinct, and there is at least one;
/// - each in-sync copy is on a replica's node, at most one per node;
/// - the leader's node has an in-sync copy;
/// - epoch 0 means that nothing was ever acknowledged: there is no leader, the ISR is empty, and any assigned
///   copy may start;
/// - in a later epoch the ISR is never empty: a copy that holds all acknowledged records is always known;
/// - `1 ≤ minInSync ≤ replicas`;
/// - the target's nodes are distinct, and at least `minInSync`: it may become the replicas;
/// - a successor has an in-sync copy, and does not lead.
///
/// @param id 0 and up
/// @param replicas the ids of the assigned nodes, the preferred replica first
/// @param leader null when the partition has none
/// @param epoch raised by every election
/// @param isr the copies that hold all acknowledged records
/// @param minInSync the ISR size below which writes and linearizable reads are refused
/// @param target the replicas after the reassignment, the preferred one first; empty when none is in progress
/// @param successor the node to which the leader should transfer leadership; null for none
public record PartitionState(
        int id,
        List<String> replicas,
        @Nullable NodeIncarnation leader,
        int epoch,
        Set<CopyId> isr,
        int minInSync,
        List<String> target,
        @Nullable String successor) {

    /// Rejects a state that breaks an invariant.
    public PartitionState {
        replicas = List.copyOf(replicas);
        isr = Set.copyOf(isr);
        target = List.copyOf(target);
        Preconditions.check(id >= 0, "partition id must not be negative", id);
        Preconditions.check(!replicas.isEmpty(), "replicas must not be empty", id);
        Set<String> assigned = new HashSet<>(replicas);
        Preconditions.check(assigned.size() == replicas.size(), "replicas must be distinct", id, replicas);
        Preconditions.check(epoch >= 0, "epoch must not be negative", id, epoch);
        Set<String> holders = new HashSet<>();
        for (CopyId copy : isr) {
            Preconditions.check(
                    assigned.contains(copy.node()), "an in-sync copy must be on a replica", id, replicas, copy);
            Preconditions.check(holders.add(copy.node()), "a node has at most one in-sync copy", id, isr);
        }
        Preconditions.check((epoch == 0) == isr.isEmpty(), "the ISR is empty exactly in epoch 0", id, epoch, isr);
        Preconditions.check(
                leader == null || holders.contains(leader.node()), "the leader must be in sync", id, leader, isr);
        Preconditions.check(
                minInSync >= 1 && minInSync <= replicas.size(),
                "min-insync must be from 1 to the number of replicas",
                id,
                minInSync,
                replicas);
        Preconditions.check(new HashSet<>(target).size() == target.size(), "target nodes must be distinct", id, target);
        Preconditions.check(!target.contains(""), "target nodes must have ids", id, target);
        Preconditions.check(
                target.isEmpty() || minInSync <= target.size(),
                "the target must have at least min-insync nodes",
                id,
                target,
                minInSync);
        Preconditions.check(
                successor == null || holders.contains(successor), "the successor must be in sync", id, successor, isr);
        Preconditions.check(
                successor == null || leader == null || !leader.node().equals(successor),
                "the successor must not be the leader",
                id,
                successor,
                leader);
    }

    /// A partition without target and successor.
    public PartitionState(
            int id,
            List<String> replicas,
            @Nullable NodeIncarnation leader,
            int epoch,
            Set<CopyId> isr,
            int minInSync) {
        this(id, replicas, leader, epoch, isr, minInSync, List.of(), null);
    }

    /// A partition that was never written to.
    public static PartitionState withoutLeader(int id, List<String> replicas, int minInSync) {
        return new PartitionState(id, replicas, null, 0, Set.of(), minInSync);
    }

    /// Whether the node is assigned a copy.
    public boolean isReplica(String node) {
        return replicas.contains(node);
    }

    /// Whether this copy is in sync.
    public boolean isInSync(CopyId copy) {
        return isr.contains(copy);
    }

    /// The node's in-sync copy, if it has one.
    public Optional<CopyId> inSyncCopyOf(String node) {
        return isr.stream().filter(copy -> copy.node().equals(node)).findFirst();
    }

    /// Whether the ISR has a copy on another node.
    public boolean hasOtherInSyncCopy(String node) {
        return isr.stream().anyMatch(copy -> !copy.node().equals(node));
    }

    /// Whether a reassignment is in progress.
    public boolean isReassigning() {
        return !target.isEmpty();
    }

    /// The replicas after the reassignment, if one is in progress, the preferred one first.
    public List<String> targetReplicas() {
        return isReassigning() ? target : replicas;
    }

    /// Whether the node is a replica now and after the reassignment.
    public boolean isStaying(String node) {
        return isReplica(node) && targetReplicas().contains(node);
    }

    /// Whether a node that keeps no copy now, nor after a reassignment, may delete one that it kept before:
    /// every replica is in sync, or nothing was ever acknowledged.
    public boolean isSafeWithout(String node) {
        return !isReplica(node)
                && !isReassigning()
                && (epoch == 0
                        || replicas.stream()
                                .allMatch(replica -> inSyncCopyOf(replica).isPresent()));
    }

    /// The same state with another leader, or none, in another epoch. Clears the successor.
    public PartitionState withLeadership(@Nullable NodeIncarnation newLeader, int newEpoch, Set<CopyId> newInSync) {
        return new PartitionState(id, replicas, newLeader, newEpoch, newInSync, minInSync, target, null);
    }

    /// The same state with another ISR. Clears a successor that is not in it.
    public PartitionState withIsr(Set<CopyId> newInSync) {
        boolean remains = newInSync.stream().anyMatch(copy -> copy.node().equals(successor));
        return new PartitionState(
                id, replicas, leader, epoch, newInSync, minInSync, target, remains ? successor : null);
    }

    /// The same state with other replicas; they must include the ISR's nodes.
    public PartitionState withReplicas(List<String> newReplicas) {
        return new PartitionState(id, newReplicas, leader, epoch, isr, minInSync, target, successor);
    }

    /// The same state with another target; empty for none.
    public PartitionState withTarget(List<String> newTarget) {
        return new PartitionState(id, replicas, leader, epoch, isr, minInSync, newTarget, successor);
    }

    /// The same state with another successor, or none.
    public PartitionState withSuccessor(@Nullable String newSuccessor) {
        return new PartitionState(id, replicas, leader, epoch, isr, minInSync, target, newSuccessor);
    }
}
