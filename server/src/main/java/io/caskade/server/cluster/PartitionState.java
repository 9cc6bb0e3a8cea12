package io.caskade.server.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that is decided about one partition. Changed only by compare-and-set, see [Coordinator#compareAndSet].
///
/// Invariants:
///
/// - replicas are distinct, and there is at least one;
/// - each copy in sync is kept by a replica, and no two by the same one;
/// - the leader's node keeps a copy that is in sync;
/// - epoch 0 says that nothing was ever acknowledged: there is no leader and no copy in sync, any
///   assigned copy may begin;
/// - in a later epoch some copy is in sync: a copy that holds what was acknowledged is never forgotten;
/// - `1 ≤ minInSync ≤ replicas`;
/// - a target is a list of distinct nodes, at least `minInSync` of them: it may become the replicas;
/// - a successor keeps a copy that is in sync, and does not lead.
///
/// @param id 0 and up
/// @param replicas ids of the nodes that keep a copy, the preferred leader first
/// @param leader null when the partition has none
/// @param epoch grows with every change of leader
/// @param isr the copies that hold all that was acknowledged
/// @param minInSync how many copies must be in sync for a write to be acknowledged
/// @param target the nodes that are to keep the copies instead, the preferred leader first; empty while they do
/// @param successor the node that the leader is to hand the lead to, null when it is to go on
public record PartitionState(
        int id,
        List<String> replicas,
        @Nullable NodeIncarnation leader,
        int epoch,
        Set<CopyId> isr,
        int minInSync,
        List<String> target,
        @Nullable String successor) {

    /// Refuses a state that breaks an invariant.
    public PartitionState {
        replicas = List.copyOf(replicas);
        isr = Set.copyOf(isr);
        target = List.copyOf(target);
        Preconditions.check(id >= 0, "a partition's id is not negative", id);
        Preconditions.check(!replicas.isEmpty(), "a partition has a replica", id);
        Set<String> assigned = new HashSet<>(replicas);
        Preconditions.check(assigned.size() == replicas.size(), "replicas are distinct", id, replicas);
        Preconditions.check(epoch >= 0, "an epoch is not negative", id, epoch);
        Set<String> holders = new HashSet<>();
        for (CopyId copy : isr) {
            Preconditions.check(assigned.contains(copy.node()), "a copy in sync is a replica's", id, replicas, copy);
            Preconditions.check(holders.add(copy.node()), "a node has one copy in sync", id, isr);
        }
        Preconditions.check(
                (epoch == 0) == isr.isEmpty(), "in epoch 0 no copy is in sync, later some copy is", id, epoch, isr);
        Preconditions.check(leader == null || holders.contains(leader.node()), "a leader is in sync", id, leader, isr);
        Preconditions.check(
                minInSync >= 1 && minInSync <= replicas.size(),
                "from 1 to all replicas must be in sync",
                id,
                minInSync,
                replicas);
        Preconditions.check(new HashSet<>(target).size() == target.size(), "a target's nodes are distinct", id, target);
        Preconditions.check(!target.contains(""), "a target's nodes have ids", id, target);
        Preconditions.check(
                target.isEmpty() || minInSync <= target.size(),
                "a target has as many copies as must be in sync",
                id,
                target,
                minInSync);
        Preconditions.check(
                successor == null || holders.contains(successor), "a successor is in sync", id, successor, isr);
        Preconditions.check(
                successor == null || leader == null || !leader.node().equals(successor),
                "a successor does not lead",
                id,
                successor,
                leader);
    }

    /// A partition whose replicas and leader are to stay as they are.
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

    /// Whether this very copy is in sync.
    public boolean isInSync(CopyId copy) {
        return isr.contains(copy);
    }

    /// The node's copy that is in sync, if it has one.
    public Optional<CopyId> inSyncCopyOf(String node) {
        return isr.stream().filter(copy -> copy.node().equals(node)).findFirst();
    }

    /// Whether its copies are being moved.
    public boolean isReassigning() {
        return !target.isEmpty();
    }

    /// The nodes that keep its copies when all moves have ended, the preferred leader first.
    public List<String> targetReplicas() {
        return isReassigning() ? target : replicas;
    }

    /// Whether the node keeps a copy and is to keep it.
    public boolean isStaying(String node) {
        return isReplica(node) && targetReplicas().contains(node);
    }

    /// The same partition led by another node, or by none, in another epoch. Clears the successor.
    public PartitionState withLeadership(@Nullable NodeIncarnation newLeader, int newEpoch, Set<CopyId> newInSync) {
        return new PartitionState(id, replicas, newLeader, newEpoch, newInSync, minInSync, target, null);
    }

    /// The same partition, leader and epoch with other copies in sync. A successor that is not one of them any
    /// more is none.
    public PartitionState withIsr(Set<CopyId> newInSync) {
        boolean remains = newInSync.stream().anyMatch(copy -> copy.node().equals(successor));
        return new PartitionState(
                id, replicas, leader, epoch, newInSync, minInSync, target, remains ? successor : null);
    }

    /// The same partition with copies on other nodes; all copies in sync must be among them.
    public PartitionState withReplicas(List<String> newReplicas) {
        return new PartitionState(id, newReplicas, leader, epoch, isr, minInSync, target, successor);
    }

    /// The same partition, with copies to be moved to other nodes; empty to leave them where they are.
    public PartitionState withTarget(List<String> newTarget) {
        return new PartitionState(id, replicas, leader, epoch, isr, minInSync, newTarget, successor);
    }

    /// The same partition, whose leader is to hand over to a node, or to none.
    public PartitionState withSuccessor(@Nullable String newSuccessor) {
        return new PartitionState(id, replicas, leader, epoch, isr, minInSync, target, newSuccessor);
    }
}
