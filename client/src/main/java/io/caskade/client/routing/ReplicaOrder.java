package io.caskade.client.routing;

import io.caskade.api.v1.CopyId;
import io.caskade.api.v1.PartitionState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/// In which order replicas are asked. Stateless.
final class ReplicaOrder {

    private ReplicaOrder() {}

    /// The ids of the nodes that keep a replica of a partition, each once: the followers that are in sync in
    /// random order, so that reads spread over them, then the leader, which has the writes to serve, then those
    /// that are behind.
    static List<String> of(PartitionState partition) {
        String leader = partition.hasLeader() ? partition.getLeader().getNode() : "";
        Set<String> inSync =
                partition.getInSyncList().stream().map(CopyId::getNode).collect(Collectors.toSet());
        List<String> replicas = new ArrayList<>(new LinkedHashSet<>(partition.getReplicasList()));
        Collections.shuffle(replicas, ThreadLocalRandom.current());
        replicas.sort((one, other) -> Integer.compare(rank(one, leader, inSync), rank(other, leader, inSync)));
        return replicas;
    }

    private static int rank(String node, String leader, Set<String> inSync) {
        if (node.equals(leader)) {
            return 1;
        }
        return inSync.contains(node) ? 0 : 2;
    }
}
