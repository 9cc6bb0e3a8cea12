package io.caskade.client.routing;

import io.caskade.api.v1.Endpoint;
import io.caskade.api.v1.NodeIncarnation;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.api.v1.PartitionState;
import io.caskade.client.routing.ZnodeCache.Snapshot;
import io.caskade.settings.HostPort;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Where calls for a partition go, with the state of the partition and of the node it was derived from.
/// Immutable.
public final class Route {

    private final Snapshot<PartitionState> partition;
    private final Snapshot<NodeRegistration> node;
    private final boolean toLeader;

    /// Worked out when it is first asked for. Threads that race make the same of it.
    private @Nullable HostPort endpoint;

    private Route(Snapshot<PartitionState> partition, Snapshot<NodeRegistration> node, boolean toLeader) {
        this.partition = partition;
        this.node = node;
        this.toLeader = toLeader;
    }

    static Route toLeader(Snapshot<PartitionState> partition, Snapshot<NodeRegistration> node) {
        return new Route(partition, node, true);
    }

    /// To a node that keeps a replica, whether it leads or not.
    static Route toReplica(Snapshot<PartitionState> partition, Snapshot<NodeRegistration> node) {
        return new Route(partition, node, false);
    }

    /// Whether the node was chosen because it leads.
    boolean isToLeader() {
        return toLeader;
    }

    /// The partition's number.
    public int partitionId() {
        return partition.message().getId();
    }

    Snapshot<PartitionState> partition() {
        return partition;
    }

    Snapshot<NodeRegistration> node() {
        return node;
    }

    /// The process that leads the partition.
    NodeIncarnation leader() {
        return partition.message().getLeader();
    }

    /// Where the leader serves gRPC.
    public HostPort endpoint() {
        HostPort known = endpoint;
        if (known == null) {
            Endpoint grpc = node.message().getGrpc();
            known = new HostPort(grpc.getHost(), grpc.getPort());
            endpoint = known;
        }
        return known;
    }

    /// Completes when the partition's state has changed, so that another node may lead it.
    public CompletableFuture<Void> partitionChanged() {
        return partition.changed();
    }

    /// Human-readable.
    @Override
    public String toString() {
        return node.message().getId() + " at " + endpoint() + (toLeader ? ", leader" : ", replica") + " of partition "
                + partitionId();
    }
}
