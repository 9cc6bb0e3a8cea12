package io.caskade.server.cluster;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A snapshot of the cluster as one node knew it. It may be behind what is stored, never ahead; actions must be
/// guarded by a compare-and-set, not by the image.
///
/// @param settings the settings fixed when the cluster was formed
/// @param nodes the registered nodes by id
/// @param partitions the partitions created so far by id, each with its stored version
/// @param draining the nodes marked to be drained, registered or not
/// @param controller the controller's node, null when unknown; a hint
/// @param shared the settings that all nodes share; null where an earlier release has formed the cluster and no
///     node has stored them yet
public record ClusterImage(
        ClusterSettings settings,
        SortedMap<String, NodeInfo> nodes,
        SortedMap<Integer, Versioned<PartitionState>> partitions,
        SortedSet<String> draining,
        @Nullable String controller,
        @Nullable SharedSettings shared) {

    /// An image without shared settings.
    public ClusterImage(
            ClusterSettings settings,
            SortedMap<String, NodeInfo> nodes,
            SortedMap<Integer, Versioned<PartitionState>> partitions,
            SortedSet<String> draining,
            @Nullable String controller) {
        this(settings, nodes, partitions, draining, controller, null);
    }

    /// Rejects keys that are not their value's id.
    public ClusterImage {
        nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
        partitions = Collections.unmodifiableSortedMap(new TreeMap<>(partitions));
        draining = Collections.unmodifiableSortedSet(new TreeSet<>(draining));
        nodes.forEach((id, node) -> Preconditions.check(id.equals(node.id()), "key must be the node's id", id, node));
        partitions.forEach((id, partition) ->
                Preconditions.check(id == partition.value().id(), "key must be the partition's id", id, partition));
    }

    /// An image of a cluster in which only the bootstrap data exists.
    public static ClusterImage empty(ClusterSettings settings) {
        return new ClusterImage(settings, new TreeMap<>(), new TreeMap<>(), new TreeSet<>(), null);
    }

    /// The partition, once it was created.
    public Optional<Versioned<PartitionState>> partition(int id) {
        return Optional.ofNullable(partitions.get(id));
    }

    /// The node, while it is registered.
    public Optional<NodeInfo> node(String id) {
        return Optional.ofNullable(nodes.get(id));
    }

    /// Whether the node is available for copies and leadership: registered and not draining.
    public boolean mayKeepCopies(String id) {
        return nodes.containsKey(id) && !draining.contains(id);
    }

    /// The partition's leader, if there is one and that incarnation is registered.
    public Optional<NodeInfo> leaderOf(int partition) {
        return partition(partition)
                .map(versioned -> versioned.value().leader())
                .flatMap(leader ->
                        node(leader.node()).filter(node -> node.incarnation().equals(leader.incarnation())));
    }

    /// The same image with one partition replaced.
    public ClusterImage with(Versioned<PartitionState> partition) {
        SortedMap<Integer, Versioned<PartitionState>> changed = new TreeMap<>(partitions);
        changed.put(partition.value().id(), partition);
        return new ClusterImage(settings, nodes, changed, draining, controller, shared);
    }

    /// The same image with a node added or replaced.
    public ClusterImage with(NodeInfo node) {
        SortedMap<String, NodeInfo> changed = new TreeMap<>(nodes);
        changed.put(node.id(), node);
        return new ClusterImage(settings, changed, partitions, draining, controller, shared);
    }

    /// The same image without a node.
    public ClusterImage without(String node) {
        SortedMap<String, NodeInfo> changed = new TreeMap<>(nodes);
        changed.remove(node);
        return new ClusterImage(settings, changed, partitions, draining, controller, shared);
    }

    /// The same image with other draining nodes.
    public ClusterImage withDraining(SortedSet<String> changed) {
        return new ClusterImage(settings, nodes, partitions, changed, controller, shared);
    }

    /// The same image with shared settings.
    public ClusterImage with(SharedSettings changed) {
        return new ClusterImage(settings, nodes, partitions, draining, controller, changed);
    }
}
