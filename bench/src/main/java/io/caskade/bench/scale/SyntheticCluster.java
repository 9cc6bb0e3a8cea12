package io.caskade.bench.scale;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The image of a healthy cluster of any size: replicas spread over racks, all in sync, led by the preferred
/// ones.
final class SyntheticCluster {

    private static final int COPIES = 3;
    private static final int MIN_IN_SYNC = 2;
    private static final int RACKS = 3;

    /// The slots bound what a real cluster can have; what plans its changes knows no bound.
    private static final int MAX_PARTITIONS = 16_384;

    private static final int PORT = 6669;

    private SyntheticCluster() {}

    /// An image.
    static ClusterImage of(int nodes, int partitions) {
        SortedMap<String, NodeInfo> registered = IntStream.range(0, nodes)
                .mapToObj(SyntheticCluster::node)
                .collect(Collectors.toMap(NodeInfo::id, node -> node, (one, _) -> one, TreeMap::new));
        SortedMap<Integer, Versioned<PartitionState>> states = IntStream.range(0, partitions)
                .mapToObj(id -> new Versioned<>(partition(id, nodes), 1))
                .collect(Collectors.toMap(
                        versioned -> versioned.value().id(), versioned -> versioned, (one, _) -> one, TreeMap::new));
        return new ClusterImage(
                new ClusterSettings("scale", Math.min(partitions, MAX_PARTITIONS)),
                registered,
                states,
                new TreeSet<>(),
                id(0));
    }

    /// The name of a node.
    static String id(int number) {
        return "node-" + number;
    }

    private static NodeInfo node(int number) {
        Endpoint endpoint = new Endpoint(id(number) + ".example.com", PORT);
        return new NodeInfo(
                id(number), "incarnation", "rack-" + number % RACKS, endpoint, endpoint, null, endpoint, "0");
    }

    /// Neighbours are in different racks.
    private static PartitionState partition(int id, int nodes) {
        List<String> replicas = IntStream.range(0, COPIES)
                .mapToObj(copy -> id((id + copy) % nodes))
                .toList();
        return new PartitionState(
                id,
                replicas,
                new NodeIncarnation(replicas.getFirst(), "incarnation"),
                1,
                replicas.stream().map(node -> new CopyId(node, "copy")).collect(Collectors.toSet()),
                MIN_IN_SYNC);
    }

    /// The partitions that a node leads.
    static Stream<PartitionState> ledBy(String node, ClusterImage image) {
        return image.partitions().values().stream()
                .map(Versioned::value)
                .filter(state -> state.leader() != null && state.leader().node().equals(node));
    }
}
