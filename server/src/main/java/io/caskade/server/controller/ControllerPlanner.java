package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.ControllerAction.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Plans the actions of the controller, as a pure function of the image and the observations. After any part of
/// a plan was carried out, this controller or the next plans the rest from the new image.
public final class ControllerPlanner {

    private final ClusterImage image;
    private final Policy policy;
    private final Observations observations;
    private final ReplicaPlacer placer;

    private ControllerPlanner(ClusterImage image, Policy policy, Observations observations) {
        this.image = image;
        this.policy = policy;
        this.observations = observations;
        this.placer = new ReplicaPlacer(image);
    }

    /// What is to be done now, one step a partition at most; empty when nothing can be done before something
    /// changes or time passes.
    public static List<ControllerAction> next(ClusterImage image, Policy policy, Observations observations) {
        return new ControllerPlanner(image, policy, observations).all();
    }

    /// Partitions without a leader come first: a batch may not hold all.
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
    /// | there is no leader, and has been none for a while; a node that can lead is registered | elect |
    /// | who is to lead next is gone, or is to go | withdraw the successor |
    /// | a node that is to keep a copy is lost or drained, and there is another | replace it in the target |
    /// | a move is under way | see [Reassignment] |
    /// | the leader is to go, or has led for a while and is not the preferred one | name a successor |
    private Optional<Reassignment.Next> step(PartitionState state) {
        return LeaderSelection.elect(image, observations, state)
                .map(next -> new Reassignment.Next(Step.ELECT, next))
                .or(() -> LeaderSelection.withdrawSuccessor(image, state)
                        .map(next -> new Reassignment.Next(Step.WITHDRAW_SUCCESSOR, next)))
                .or(() -> ReplicaRepair.replaceLost(image, observations, placer, state)
                        .map(next -> new Reassignment.Next(Step.REPLACE, next)))
                .or(() -> Reassignment.next(image, state))
                .or(() -> LeaderSelection.nameSuccessor(image, policy, observations, state)
                        .map(next -> new Reassignment.Next(Step.NAME_SUCCESSOR, next)));
    }

    /// Partitions are created once as many nodes may keep copies as each is to have: a partition that started
    /// with fewer would promise less than was asked for.
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
