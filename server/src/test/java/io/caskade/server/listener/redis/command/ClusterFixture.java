package io.caskade.server.listener.redis.command;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SessionState;
import io.caskade.server.cluster.Versioned;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A cluster of nodes a, b and c as node a knows it. Each node's Redis port is at a host of its name.
final class ClusterFixture {

    static final String SELF = "a";
    static final int PORT = 7000;

    private ClusterImage image;
    private SessionState session = SessionState.CONNECTED;
    private boolean lease = true;

    /// @param partitions how many the cluster has
    ClusterFixture(int partitions) {
        image = ClusterImage.empty(new ClusterSettings("cluster", partitions));
        for (String node : List.of("a", "b", "c")) {
            image = image.with(node(node, new Endpoint(node, PORT)));
        }
    }

    static NodeInfo node(String id, @Nullable Endpoint redis) {
        return new NodeInfo(id, id + "-1", "", new Endpoint(id, 6666), new Endpoint(id, 6668), redis, null, "test");
    }

    /// Has a partition led by a node, or by none, with in-sync copies on some.
    ClusterFixture led(int partition, @Nullable String leader, String... inSync) {
        PartitionState state = new PartitionState(
                partition,
                List.of("a", "b", "c"),
                leader == null ? null : new NodeIncarnation(leader, leader + "-1"),
                partition + 3,
                List.of(inSync).stream()
                        .map(node -> new CopyId(node, "copy-" + node))
                        .collect(Collectors.toSet()),
                1);
        image = image.with(new Versioned<>(state, 1));
        return this;
    }

    /// Has a node replaced.
    ClusterFixture with(NodeInfo node) {
        image = image.with(node);
        return this;
    }

    /// Has a node dead.
    ClusterFixture without(String node) {
        image = image.without(node);
        return this;
    }

    /// Has node a's session in some state.
    ClusterFixture session(SessionState state) {
        session = state;
        return this;
    }

    /// Has the leases of node a expired.
    ClusterFixture withoutLease() {
        lease = false;
        return this;
    }

    ServerIdentity identity() {
        return identity(SELF);
    }

    /// Another node that knows the same.
    ServerIdentity identity(String node) {
        return new ServerIdentity(
                node, node + "-1", "test", () -> Optional.of(image), new Membership(() -> session, _ -> lease), true);
    }
}
