package io.caskade.server.cluster;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The cluster as one node knew it at one moment. It may be behind what is stored, never ahead; what is acted
/// on must be guarded by a compare-and-set, not by the image.
///
/// @param settings what was fixed when the cluster was formed
/// @param nodes the registered nodes by id
/// @param partitions the partitions created so far by id, each with the version it is stored under
/// @param draining the nodes that are to lead nothing and to keep no copies, registered or not
/// @param controller the node that holds the controller's election, null when no node is known to; a hint
public record ClusterImage(
        ClusterSettings settings,
        SortedMap<String, NodeInfo> nodes,
        SortedMap<Integer, Versioned<PartitionState>> partitions,
        SortedSet<String> draining,
        @Nullable String controller) {

    /// Refuses an image whose keys are not the ids of what they lead to.
    public ClusterImage {
        nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
        partitions = Collections.unmodifiableSortedMap(new TreeMap<>(partitions));
        draining = Collections.unmodifiableSortedSet(new TreeSet<>(draining));
        nodes.forEach((id, node) -> Preconditions.check(id.equals(node.id()), "a node is listed by its id", id, node));
        partitions.forEach((id, partition) ->
                Preconditions.check(id == partition.value().id(), "a partition is listed by its id", id, partition));
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

    /// Whether the node is there to keep copies and to lead: it is registered, and not to be drained.
    public boolean mayKeepCopies(String id) {
        return nodes.containsKey(id) && !draining.contains(id);
    }

    /// The node that leads the partition, when there is one and the very process named in the state is
    /// registered.
    public Optional<NodeInfo> leaderOf(int partition) {
        return partition(partition)
                .map(versioned -> versioned.value().leader())
                .flatMap(leader ->
                        node(leader.node()).filter(node -> node.incarnation().equals(leader.incarnation())));
    }

    /// The same image with one partition as it is now known to be.
    public ClusterImage with(Versioned<PartitionState> partition) {
        SortedMap<Integer, Versioned<PartitionState>> changed = new TreeMap<>(partitions);
        changed.put(partition.value().id(), partition);
        return new ClusterImage(settings, nodes, changed, draining, controller);
    }

    /// The same image with one more node registered, or one registered again.
    public ClusterImage with(NodeInfo node) {
        SortedMap<String, NodeInfo> changed = new TreeMap<>(nodes);
        changed.put(node.id(), node);
        return new ClusterImage(settings, changed, partitions, draining, controller);
    }

    /// The same image without a node that was registered.
    public ClusterImage without(String node) {
        SortedMap<String, NodeInfo> changed = new TreeMap<>(nodes);
        changed.remove(node);
        return new ClusterImage(settings, changed, partitions, draining, controller);
    }

    /// The same image with other nodes that are to be drained.
    public ClusterImage withDraining(SortedSet<String> changed) {
        return new ClusterImage(settings, nodes, partitions, changed, controller);
    }
}
