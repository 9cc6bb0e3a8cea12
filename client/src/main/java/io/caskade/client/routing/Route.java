package io.caskade.client.routing;

import io.caskade.api.v1.Endpoint;
import io.caskade.api.v1.NodeIncarnation;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.api.v1.PartitionState;
import io.caskade.client.routing.ZnodeCache.Snapshot;
import io.caskade.settings.HostPort;
import java.util.concurrent.CompletableFuture;

/// Where calls for a partition go, with the state of the partition and of its leader's node it was derived
/// from. Immutable.
public final class Route {

    private final Snapshot<PartitionState> partition;
    private final Snapshot<NodeRegistration> node;

    Route(Snapshot<PartitionState> partition, Snapshot<NodeRegistration> node) {
        this.partition = partition;
        this.node = node;
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
        Endpoint grpc = node.message().getGrpc();
        return new HostPort(grpc.getHost(), grpc.getPort());
    }

    /// Completes when the partition's state has changed, so that another node may lead it.
    public CompletableFuture<Void> partitionChanged() {
        return partition.changed();
    }

    /// Human-readable.
    @Override
    public String toString() {
        return node.message().getId() + " at " + endpoint() + ", leader of partition "
                + partition.message().getId();
    }
}
