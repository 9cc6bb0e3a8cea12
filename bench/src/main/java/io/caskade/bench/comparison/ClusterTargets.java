package io.caskade.bench.comparison;

import io.caskade.api.KeySlots;
import io.caskade.bench.load.Target;
import io.caskade.client.ClusterView;
import io.caskade.client.ClusterView.Endpoint;
import io.caskade.client.ClusterView.Node;
import io.caskade.settings.HostPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Splits keys among the nodes that lead their partitions, as a client does that knows the layout. Pure.
final class ClusterTargets {

    private ClusterTargets() {}

    /// A target for each node that leads.
    ///
    /// @param listener where a node serves the protocol
    /// @throws IllegalStateException when a partition has no leader, or its leader does not serve the protocol
    static List<Target> of(ClusterView view, List<byte[]> keys, Function<Node, Optional<Endpoint>> listener) {
        List<Target> targets = new ArrayList<>();
        int partitions = view.partitions().size();
        for (Node node : view.nodes()) {
            List<byte[]> led = keys.stream()
                    .filter(key -> view.partition(KeySlots.partitionOf(key, partitions))
                            .filter(partition -> partition.isLedBy(node.id()))
                            .isPresent())
                    .toList();
            if (!led.isEmpty()) {
                Endpoint endpoint = listener.apply(node)
                        .orElseThrow(() -> new IllegalStateException(node.id() + " does not listen for the protocol"));
                targets.add(new Target(new HostPort(endpoint.host(), endpoint.port()), led));
            }
        }
        if (targets.stream().mapToInt(target -> target.keys().size()).sum() != keys.size()) {
            throw new IllegalStateException("not every partition has a leader");
        }
        return targets;
    }
}
