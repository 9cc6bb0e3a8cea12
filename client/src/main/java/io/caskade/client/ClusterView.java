package io.caskade.client;

import java.util.List;
import java.util.Optional;

/// The state of a cluster as ZooKeeper has it. Its parts are read one after another, so during a change they
/// may be a moment apart.
///
/// @param id         the cluster's identity
/// @param controller the id of the node that is the controller; empty when none is known
/// @param nodes      the nodes that are registered, by id
/// @param partitions the partitions, by number
/// @param draining   the ids of the nodes that are being drained
public record ClusterView(
        String id, Optional<String> controller, List<Node> nodes, List<Partition> partitions, List<String> draining) {

    /// Copies the lists.
    public ClusterView {
        nodes = List.copyOf(nodes);
        partitions = List.copyOf(partitions);
        draining = List.copyOf(draining);
    }

    /// The node with this id, when it is registered.
    public Optional<Node> node(String nodeId) {
        return nodes.stream().filter(node -> node.id().equals(nodeId)).findFirst();
    }

    /// The partition with this number, when it exists.
    public Optional<Partition> partition(int number) {
        return partitions.stream().filter(partition -> partition.id() == number).findFirst();
    }

    /// A running node.
    ///
    /// @param id          its name
    /// @param incarnation which start of its process
    /// @param version     the release it runs
    /// @param grpc        where it serves clients over gRPC
    /// @param replication where it serves other nodes
    /// @param resp where it serves the Redis protocol
    /// @param http where it serves HTTP
    public record Node(
            String id,
            String incarnation,
            String version,
            Optional<Endpoint> grpc,
            Optional<Endpoint> replication,
            Optional<Endpoint> resp,
            Optional<Endpoint> http) {}

    /// Where a node listens.
    ///
    /// @param host a name or an address
    /// @param port 1 to 65535
    public record Endpoint(String host, int port) {

        /// `host:port`, an IPv6 address in brackets.
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// A partition.
    ///
    /// @param id        its number, 0 or more
    /// @param replicas  the nodes it is assigned to, the preferred leader first
    /// @param leader    its leader; empty when there is none
    /// @param epoch     its leader epoch, which each election increments
    /// @param inSync    the nodes whose copies are in sync
    /// @param minInSync the ISR size below which writes and linearizable reads are refused
    /// @param target    the nodes it is being moved to; empty when none
    /// @param successor the node that is to lead next; empty when none is chosen
    public record Partition(
            int id,
            List<String> replicas,
            Optional<Leader> leader,
            int epoch,
            List<String> inSync,
            int minInSync,
            List<String> target,
            Optional<String> successor) {

        /// Copies the lists.
        public Partition {
            replicas = List.copyOf(replicas);
            inSync = List.copyOf(inSync);
            target = List.copyOf(target);
        }

        /// Whether the node leads it.
        public boolean isLedBy(String node) {
            return leader.filter(process -> process.node().equals(node)).isPresent();
        }
    }

    /// The leader of a partition.
    ///
    /// @param node        the node's id
    /// @param incarnation which start of the node's process
    public record Leader(String node, String incarnation) {}
}
