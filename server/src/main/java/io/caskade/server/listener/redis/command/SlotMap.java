package io.caskade.server.listener.redis.command;

import io.caskade.api.KeySlots;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The slot map of Redis Cluster as this node knows it: the leader of a partition serves the slots of its
/// range. A snapshot; immutable.
///
/// A leader without a listener for the Redis protocol cannot be named to clients. Its slots are those of the
/// first in-sync replica that has one, otherwise of the first node that has one; any node passes on what it
/// does not lead, and all nodes name the same.
final class SlotMap {

    private final ServerIdentity identity;
    private final @Nullable ClusterImage image;

    /// Slots that are served by one node, and held in sync by the same others.
    ///
    /// @param owner the node that serves them
    /// @param replicas the others, without those that clients of the Redis protocol cannot reach
    record Range(int first, int last, NodeInfo owner, List<NodeInfo> replicas) {

        Range {
            replicas = List.copyOf(replicas);
        }

        private boolean isContinuedBy(Range next) {
            return next.first == last + 1 && next.owner.equals(owner) && next.replicas.equals(replicas);
        }

        private Range upTo(int newLast) {
            return new Range(first, newLast, owner, replicas);
        }

        /// How many slots there are.
        int size() {
            return last - first + 1;
        }
    }

    private SlotMap(ServerIdentity identity, @Nullable ClusterImage image) {
        this.identity = identity;
        this.image = image;
    }

    /// What a node knows now.
    static SlotMap of(ServerIdentity identity) {
        return new SlotMap(identity, identity.image().get().orElse(null));
    }

    /// Where clients of the Redis protocol reach a node.
    static Endpoint address(NodeInfo node) {
        return Objects.requireNonNull(node.resp());
    }

    /// Whether it is this node.
    boolean isSelf(NodeInfo node) {
        return node.id().equals(identity.node());
    }

    /// The nodes that clients of the Redis protocol reach, by their ids.
    List<NodeInfo> nodes() {
        return image == null
                ? List.of()
                : image.nodes().values().stream()
                        .filter(node -> node.resp() != null)
                        .toList();
    }

    private int partitions() {
        return image == null ? 0 : image.settings().partitions();
    }

    private Optional<PartitionState> state(int partition) {
        return Optional.ofNullable(image)
                .flatMap(known -> known.partition(partition))
                .map(Versioned::value);
    }

    /// The node that serves the slots of a partition; empty when none does, as far as this node knows.
    Optional<NodeInfo> ownerOf(int partition) {
        return Optional.ofNullable(image)
                .flatMap(known -> known.leaderOf(partition))
                .filter(leader -> isServing(leader, partition))
                .flatMap(leader -> reachable(leader, partition));
    }

    /// A leader that neither reaches ZooKeeper nor has its lease may have been superseded, and would be the
    /// last to know.
    private boolean isServing(NodeInfo leader, int partition) {
        Membership membership = identity.membership();
        return !isSelf(leader) || !membership.isDisconnected() || membership.hasLease(partition);
    }

    private Optional<NodeInfo> reachable(NodeInfo leader, int partition) {
        if (leader.resp() != null) {
            return Optional.of(leader);
        }
        List<NodeInfo> others = new ArrayList<>(replicasOf(partition, leader));
        others.addAll(nodes());
        return others.stream().findFirst();
    }

    /// The reachable nodes that have a partition in sync, but for the one that serves it, in the order of its
    /// assignment.
    private List<NodeInfo> replicasOf(int partition, NodeInfo owner) {
        ClusterImage known = image;
        if (known == null) {
            return List.of();
        }
        return state(partition).stream()
                .flatMap(state -> state.replicas().stream().filter(node -> isInSync(state, node)))
                .filter(node -> !node.equals(owner.id()))
                .flatMap(node -> known.node(node).stream())
                .filter(node -> node.resp() != null)
                .toList();
    }

    private static boolean isInSync(PartitionState state, String node) {
        return state.isr().stream().map(CopyId::node).anyMatch(node::equals);
    }

    /// Whether this node's copy of a partition is in sync, whether it leads or not.
    boolean hasInSyncCopy(int partition) {
        return state(partition)
                .filter(state -> isInSync(state, identity.node()))
                .isPresent();
    }

    /// All slots that are served, in order, as few ranges as possible.
    List<Range> ranges() {
        return ranges(true);
    }

    /// The slots that each node serves, in order; without the replicas, and in as few ranges as that allows.
    List<Range> ownedRanges() {
        return ranges(false);
    }

    private List<Range> ranges(boolean withReplicas) {
        List<Range> ranges = new ArrayList<>();
        for (int partition = 0; partition < partitions(); partition++) {
            NodeInfo owner = ownerOf(partition).orElse(null);
            if (owner != null) {
                List<NodeInfo> replicas = withReplicas ? replicasOf(partition, owner) : List.of();
                add(ranges, new Range(firstSlot(partition), firstSlot(partition + 1) - 1, owner, replicas));
            }
        }
        return ranges;
    }

    private static void add(List<Range> ranges, Range next) {
        if (!ranges.isEmpty() && ranges.getLast().isContinuedBy(next)) {
            ranges.set(ranges.size() - 1, ranges.getLast().upTo(next.last()));
        } else {
            ranges.add(next);
        }
    }

    /// The first slot whose partition, as [KeySlots#partitionOf(int, int)] has it, is this one.
    private int firstSlot(int partition) {
        return Math.ceilDiv(partition * KeySlots.COUNT, partitions());
    }

    /// How many slots a partition was created for.
    int assignedSlots() {
        return IntStream.range(0, partitions())
                .filter(partition -> state(partition).isPresent())
                .map(partition -> firstSlot(partition + 1) - firstSlot(partition))
                .sum();
    }

    /// How many slots are served.
    int servedSlots() {
        return ownedRanges().stream().mapToInt(Range::size).sum();
    }

    /// Whether this node can serve, or name the server of, each slot.
    boolean isUp() {
        return servedSlots() == KeySlots.COUNT && !identity.membership().isCutOff();
    }

    /// The newest epoch of the partitions whose slots a node serves; 0 when there are none.
    int epochOf(NodeInfo node) {
        return IntStream.range(0, partitions())
                .filter(partition -> ownerOf(partition).filter(node::equals).isPresent())
                .map(this::epochOf)
                .max()
                .orElse(0);
    }

    /// The newest epoch of all partitions.
    int epoch() {
        return IntStream.range(0, partitions()).map(this::epochOf).max().orElse(0);
    }

    private int epochOf(int partition) {
        return state(partition).map(PartitionState::epoch).orElse(0);
    }
}
