package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.ControllerAction.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Plans the controller's actions, as a pure function of the image and the observations. After any part of a
/// plan was executed, this controller or the next plans the rest from the new image.
public final class ControllerPlanner {

    private final ClusterImage image;
    private final Policy policy;
    private final Observations observations;
    private final ReplicaPlacer placer;
    private final CatchUpLimit limit;

    private ControllerPlanner(ClusterImage image, Policy policy, Observations observations) {
        this.image = image;
        this.policy = policy;
        this.observations = observations;
        this.placer = new ReplicaPlacer(image);
        this.limit = new CatchUpLimit(image);
    }

    /// The actions to execute now, at most one step per partition; empty when something must change or time
    /// must pass first.
    public static List<ControllerAction> next(ClusterImage image, Policy policy, Observations observations) {
        return new ControllerPlanner(image, policy, observations).all();
    }

    /// Partitions without a leader come first: a batch may not hold all actions.
    private List<ControllerAction> all() {
        List<ControllerAction> elections = new ArrayList<>();
        List<ControllerAction> others = new ArrayList<>();
        for (Versioned<PartitionState> partition : image.partitions().values()) {
            step(partition.value()).ifPresent(next -> {
                List<ControllerAction> actions = next.step() == Step.ELECT ? elections : others;
                actions.add(new ControllerAction.ChangePartition(next.step(), next.state(), partition.version()));
            });
        }
        elections.addAll(others);
        elections.addAll(create());
        return List.copyOf(elections);
    }

    /// | when | step |
    /// |---|---|
    /// | there has been no leader for a while; a node that can lead is registered | elect |
    /// | the successor is unregistered or draining | withdraw the successor |
    /// | a replica's node is lost or draining, and another node is available | replace it in the target |
    /// | a reassignment is in progress | see [Reassignment] |
    /// | the leader departs, or has led for a while and is not the preferred replica | name a successor |
    private Optional<Reassignment.Next> step(PartitionState state) {
        return LeaderSelection.elect(image, observations, state)
                .map(next -> new Reassignment.Next(Step.ELECT, next))
                .or(() -> LeaderSelection.withdrawSuccessor(image, state)
                        .map(next -> new Reassignment.Next(Step.WITHDRAW_SUCCESSOR, next)))
                .or(() -> ReplicaRepair.replaceLost(image, observations, placer, state)
                        .map(next -> new Reassignment.Next(Step.REPLACE, next)))
                .or(() -> Reassignment.next(image, limit, state))
                .or(() -> LeaderSelection.nameSuccessor(image, policy, observations, state)
                        .map(next -> new Reassignment.Next(Step.NAME_SUCCESSOR, next)));
    }

    /// Creates partitions once enough nodes are available for the replication factor: with fewer they would be
    /// less durable than configured.
    private List<ControllerAction> create() {
        ReplicationPolicy replication = policy.replication();
        if (placer.nodes() < replication.replicationFactor()) {
            return List.of();
        }
        return IntStream.range(0, image.settings().partitions())
                .filter(id -> image.partition(id).isEmpty())
                .<ControllerAction>mapToObj(id -> new ControllerAction.CreatePartition(PartitionState.withoutLeader(
                        id, placer.place(id, replication.replicationFactor()), replication.minInSync())))
                .toList();
    }
}
