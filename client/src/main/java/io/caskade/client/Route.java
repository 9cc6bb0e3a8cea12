package io.caskade.client;

import io.caskade.api.v1.Leader;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.api.v1.PartitionState;
import io.caskade.client.ClusterView.Endpoint;
import io.caskade.client.WatchedZnodes.Seen;

/// Where calls for a partition go: what was believed of the partition and of its leader when it was chosen.
record Route(Seen<PartitionState> partition, Seen<NodeRegistration> leader) {

    Endpoint endpoint() {
        io.caskade.api.v1.Endpoint grpc = leader.message().getGrpc();
        return new Endpoint(grpc.getHost(), grpc.getPort());
    }

    /// The process that leads the partition.
    Leader leads() {
        return partition.message().getLeader();
    }

    /// As people should read it.
    @Override
    public String toString() {
        return leader.message().getId() + " at " + endpoint() + ", leader of partition "
                + partition.message().getId();
    }
}
