package io.caskade.client;

import io.caskade.client.ClusterView.Partition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The state of a cluster as ZooKeeper has it, with what its nodes reported about themselves at about the
/// same time.
///
/// @param view         the state in ZooKeeper
/// @param nodes        the reports of the nodes that answered, by id
/// @param unresponsive why the other registered nodes did not answer, by id
public record ClusterStatus(ClusterView view, Map<String, Node> nodes, Map<String, String> unresponsive) {

    /// Copies the maps.
    public ClusterStatus {
        nodes = Map.copyOf(nodes);
        unresponsive = Map.copyOf(unresponsive);
    }

    /// The state of a node: the worst that applies.
    public enum NodeState {
        /// All its copies are in sync and healthy.
        IN_SYNC,
        /// It slows puts: they come faster than it can reclaim the space of what they overwrite.
        SLOWED,
        /// Some of its copies are not in sync.
        CATCHING_UP,
        /// Its disk is full.
        DISK_FULL,
        /// A copy's disk failed, or a copy is damaged or blocked.
        IMPAIRED,
        /// It is registered but does not answer.
        UNRESPONSIVE,
        /// It has copies but is not registered.
        OFFLINE
    }

    /// The role of a copy in its partition.
    public enum Role {
        /// It replicates the leader's log, or waits for a leader.
        FOLLOWER,
        /// It has been elected and does not serve yet.
        PENDING_LEADER,
        /// It leads and serves.
        LEADER,
        /// It leads, accepts no new requests and transfers leadership.
        TRANSFERRING,
        /// It has stopped.
        STOPPED,
        /// Its disk failed or it is damaged.
        FENCED,
        /// It was damaged or too far behind, and is being rebuilt from the leader.
        REBUILDING,
        /// A role that this release does not know.
        UNKNOWN
    }

    /// What a node reported.
    ///
    /// @param copies its open copies, by partition
    public record Node(String id, List<Copy> copies) {

        /// Copies the list.
        public Node {
            copies = List.copyOf(copies);
        }

        /// The node's copy of a partition, when it is open.
        public Optional<Copy> copy(int partition) {
            return copies.stream().filter(copy -> copy.partition() == partition).findFirst();
        }
    }

    /// A copy, as its node reports it.
    ///
    /// @param partition       the partition it is a copy of
    /// @param role            its role
    /// @param epoch           the newest epoch in its log
    /// @param logEnd          the last record in its log
    /// @param acknowledgedEnd the last record it has acknowledged as durable
    /// @param highWatermark   the last record it knows to be committed
    /// @param inSync          whether it is in sync, as far as its node knows; the partition's state names
    ///     another copy on the same node where this one has taken the place of a lost one
    /// @param diskFull        whether it refuses values because the disk is full
    /// @param slowingPuts     whether it slows puts because merges cannot keep up with them
    /// @param takenBytes      the length of its files
    /// @param liveBytes       the length of its live records and tombstones, about
    /// @param problem         why it neither leads nor follows, or cannot change who does; empty when nothing
    ///     is wrong
    /// @param followers       the other copies, reported by a leader only
    public record Copy(
            int partition,
            Role role,
            int epoch,
            long logEnd,
            long acknowledgedEnd,
            long highWatermark,
            boolean inSync,
            boolean diskFull,
            boolean slowingPuts,
            long takenBytes,
            long liveBytes,
            String problem,
            List<Follower> followers) {

        /// Copies the list.
        public Copy {
            followers = List.copyOf(followers);
        }
    }

    /// Another copy, as the leader reports it.
    ///
    /// @param streaming whether the leader streams records to it
    /// @param lag       how many records of the leader's log it lacks; empty when unknown
    public record Follower(String node, boolean streaming, OptionalLong lag) {}

    /// What a node reported about its copy of a partition.
    public Optional<Copy> copy(String node, int partition) {
        return Optional.ofNullable(nodes.get(node)).flatMap(said -> said.copy(partition));
    }

    /// How many records of the leader's log a node's copy lacks, as the leader reports it; empty when unknown.
    public OptionalLong lag(int partition, String node) {
        Optional<String> leader =
                view.partition(partition).flatMap(Partition::leader).map(ClusterView.Leader::node);
        if (leader.filter(node::equals).isPresent()) {
            return OptionalLong.of(0);
        }
        return leader.flatMap(id -> copy(id, partition)).stream()
                .flatMap(copy -> copy.followers().stream())
                .filter(follower -> follower.node().equals(node))
                .map(Follower::lag)
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /// The state of a node.
    public NodeState state(String node) {
        if (view.node(node).isEmpty()) {
            return NodeState.OFFLINE;
        }
        Node said = nodes.get(node);
        if (said == null) {
            return NodeState.UNRESPONSIVE;
        }
        if (said.copies().stream().anyMatch(copy -> !copy.problem().isEmpty())) {
            return NodeState.IMPAIRED;
        }
        if (said.copies().stream().anyMatch(Copy::diskFull)) {
            return NodeState.DISK_FULL;
        }
        boolean inSync = view.partitions().stream()
                .filter(partition -> partition.replicas().contains(node))
                .allMatch(partition -> partition.inSync().contains(node)
                        && copy(node, partition.id()).filter(Copy::inSync).isPresent());
        if (!inSync) {
            return NodeState.CATCHING_UP;
        }
        return said.copies().stream().anyMatch(Copy::slowingPuts) ? NodeState.SLOWED : NodeState.IN_SYNC;
    }
}
