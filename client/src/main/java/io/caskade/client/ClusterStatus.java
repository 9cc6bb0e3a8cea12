package io.caskade.client;

import io.caskade.client.ClusterView.Partition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What ZooKeeper said about a cluster, and what its nodes said about themselves, at about one time.
///
/// @param view   ZooKeeper's part
/// @param nodes  what those nodes said that answered, by id
/// @param silent why the other registered nodes did not, by id
public record ClusterStatus(ClusterView view, Map<String, Node> nodes, Map<String, String> silent) {

    /// Copies the maps.
    public ClusterStatus {
        nodes = Map.copyOf(nodes);
        silent = Map.copyOf(silent);
    }

    /// How a node is, the worst that holds of it.
    public enum Condition {
        /// All its copies are in sync and fit.
        IN_SYNC,
        /// Some of its copies are not in sync.
        CATCHING_UP,
        /// Its disk is full.
        READ_ONLY,
        /// A copy's disk failed, or a copy is damaged or barred.
        IMPAIRED,
        /// It is registered and does not answer.
        SILENT,
        /// It keeps copies and is not registered.
        AWAY
    }

    /// What a copy is doing.
    public enum Role {
        /// It takes another's log, or waits for somebody to lead.
        FOLLOWING,
        /// It is about to lead.
        STARTING_TO_LEAD,
        /// It leads and serves.
        LEADING,
        /// It leads, takes nothing new and hands over.
        HANDING_OVER,
        /// It has ended.
        STOPPED,
        /// Its disk failed or it is damaged.
        FENCED,
        /// It was damaged or too far behind, and is being made anew.
        REBUILDING,
        /// Something that this release does not know.
        UNKNOWN
    }

    /// What a node said.
    ///
    /// @param copies those that are open, by partition
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

    /// A copy, as the node that keeps it knows it.
    ///
    /// @param partition whose copy it is
    /// @param role      what it is doing
    /// @param epoch     the newest epoch in its log
    /// @param logEnd    the last record it has
    /// @param heldEnd   the last record that counts as kept
    /// @param watermark the last record known to be committed
    /// @param readOnly  whether it takes no values because the disk is full
    /// @param trouble   why it neither leads nor follows; empty when it does
    /// @param followers of a copy that leads: the others
    public record Copy(
            int partition,
            Role role,
            int epoch,
            long logEnd,
            long heldEnd,
            long watermark,
            boolean readOnly,
            String trouble,
            List<Follower> followers) {

        /// Copies the list.
        public Copy {
            followers = List.copyOf(followers);
        }
    }

    /// Another copy, as its leader knows it.
    ///
    /// @param streaming whether it is being fed
    /// @param lag       how many records of the leader's log it lacks; empty when that is not known
    public record Follower(String node, boolean streaming, OptionalLong lag) {}

    /// What a node said about its copy of a partition.
    public Optional<Copy> copy(String node, int partition) {
        return Optional.ofNullable(nodes.get(node)).flatMap(said -> said.copy(partition));
    }

    /// How many records of its leader's log a node's copy lacks, by what the leader says; empty when nobody knows.
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

    /// How a node is.
    public Condition condition(String node) {
        if (view.node(node).isEmpty()) {
            return Condition.AWAY;
        }
        Node said = nodes.get(node);
        if (said == null) {
            return Condition.SILENT;
        }
        if (said.copies().stream().anyMatch(copy -> !copy.trouble().isEmpty())) {
            return Condition.IMPAIRED;
        }
        if (said.copies().stream().anyMatch(Copy::readOnly)) {
            return Condition.READ_ONLY;
        }
        boolean inSync = view.partitions().stream()
                .filter(partition -> partition.replicas().contains(node))
                .allMatch(partition -> partition.inSync().contains(node));
        return inSync ? Condition.IN_SYNC : Condition.CATCHING_UP;
    }
}
