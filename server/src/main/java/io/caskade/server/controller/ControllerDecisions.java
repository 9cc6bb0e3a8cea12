package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.controller.Decision.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What the controller does, as a pure function of what is known. Carrying out all that is decided, or only
/// some of it, leads to an image from which the rest is decided again, by this controller or by the next.
public final class ControllerDecisions {

    private final ClusterImage image;
    private final Policy policy;
    private final Observed observed;
    private final Spread spread;

    private ControllerDecisions(ClusterImage image, Policy policy, Observed observed) {
        this.image = image;
        this.policy = policy;
        this.observed = observed;
        this.spread = new Spread(image);
    }

    /// What is to be done now, one step a partition at most; empty when nothing can be done before something
    /// changes or time passes.
    public static List<Decision> next(ClusterImage image, Policy policy, Observed observed) {
        return new ControllerDecisions(image, policy, observed).all();
    }

    /// Partitions without a leader come first: a batch may not hold all.
    private List<Decision> all() {
        List<Decision> elections = new ArrayList<>();
        List<Decision> others = new ArrayList<>();
        for (Versioned<PartitionState> partition : image.partitions().values()) {
            step(partition.value()).ifPresent(next -> {
                List<Decision> decisions = next.step() == Step.ELECT ? elections : others;
                decisions.add(new Decision.ChangePartition(next.step(), next.state(), partition.version()));
            });
        }
        elections.addAll(others);
        elections.addAll(create());
        return List.copyOf(elections);
    }

    /// | when | step |
    /// |---|---|
    /// | nobody leads, the leader has not gone only just now, somebody who can lead is registered | elect |
    /// | who is to lead next is gone, or is to go | withdraw the successor |
    /// | a node that is to keep a copy is lost or drained, and there is another | replace it in the target |
    /// | a move is under way | see [Reassignment] |
    /// | the leader is to go, or has led for a while and is not the preferred one | name a successor |
    private Optional<Reassignment.Next> step(PartitionState state) {
        return LeaderChoice.elect(image, observed, state)
                .map(next -> new Reassignment.Next(Step.ELECT, next))
                .or(() -> LeaderChoice.withdrawn(image, state)
                        .map(next -> new Reassignment.Next(Step.WITHDRAW_SUCCESSOR, next)))
                .or(() -> Repair.replaced(image, observed, spread, state)
                        .map(next -> new Reassignment.Next(Step.REPLACE, next)))
                .or(() -> Reassignment.next(image, state))
                .or(() -> LeaderChoice.successor(image, policy, observed, state)
                        .map(next -> new Reassignment.Next(Step.NAME_SUCCESSOR, next)));
    }

    /// Partitions are created once as many nodes may keep copies as each is to have: a partition that started
    /// with fewer would promise less than was asked for.
    private List<Decision> create() {
        Placement placement = policy.placement();
        if (spread.nodes() < placement.replicationFactor()) {
            return List.of();
        }
        return IntStream.range(0, image.settings().partitions())
                .filter(id -> image.partition(id).isEmpty())
                .<Decision>mapToObj(id -> new Decision.CreatePartition(PartitionState.unled(
                        id, spread.place(id, placement.replicationFactor()), placement.minInSync())))
                .toList();
    }
}
