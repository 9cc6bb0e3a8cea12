package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Plans what must move for an administrator's goal, as a pure function of the image, with as few moves as it
/// takes. The controller carries the moves out, a few at a time; see [CatchUpLimit].
///
/// It plans from the reassignments in progress as if they were done: asked again, it has nothing to add.
public final class MovePlanner {

    private MovePlanner() {}

    /// The outcome of planning.
    public sealed interface Outcome {

        /// What must change.
        record Planned(MovePlan plan) implements Outcome {}

        /// The goal cannot be reached.
        ///
        /// @param reason human-readable; names the limit and what to do
        record Refused(String reason) implements Outcome {}
    }

    /// Plans for a goal.
    public static Outcome plan(ClusterImage image, MoveGoal goal) {
        if (image.partitions().size() < image.settings().partitions()) {
            return new Outcome.Refused("the cluster's partitions are not created yet; it waits for more nodes");
        }
        return refusal(image, goal).<Outcome>map(Outcome.Refused::new).orElseGet(() -> {
            SortedSet<String> draining = draining(image, goal);
            Assignment after = assignment(image.withDraining(draining), goal);
            return new Outcome.Planned(new MovePlan(
                    difference(draining, image.draining()),
                    difference(image.draining(), draining),
                    moves(image, after),
                    inProgress(image, after)));
        });
    }

    private static SortedSet<String> difference(Set<String> all, Set<String> without) {
        return all.stream().filter(node -> !without.contains(node)).collect(Collectors.toCollection(TreeSet::new));
    }

    /// The draining nodes when the goal is stored.
    private static SortedSet<String> draining(ClusterImage image, MoveGoal goal) {
        SortedSet<String> draining = new TreeSet<>(image.draining());
        switch (goal) {
            case MoveGoal.AddNode(String node) -> draining.remove(node);
            case MoveGoal.RemoveNode(String node) -> draining.add(node);
            case MoveGoal.View(SortedSet<String> nodes, int _) -> {
                draining.addAll(knownNodes(image));
                draining.removeAll(nodes);
            }
            case MoveGoal.Reassign _, MoveGoal.Rebalance _, MoveGoal.ReplicationFactor _ -> {}
        }
        return draining;
    }

    private static SortedSet<String> knownNodes(ClusterImage image) {
        SortedSet<String> nodes = new TreeSet<>(image.nodes().keySet());
        image.partitions().values().forEach(partition -> {
            nodes.addAll(partition.value().replicas());
            nodes.addAll(partition.value().target());
        });
        return nodes;
    }

    private static Assignment assignment(ClusterImage image, MoveGoal goal) {
        Assignment after = new Assignment(image);
        switch (goal) {
            case MoveGoal.Reassign(int partition, List<String> replicas) -> after.put(partition, replicas);
            case MoveGoal.AddNode(String node) -> {
                after.spreadOverRacks(node::equals);
                after.levelCopies(node::equals);
                after.levelLeaders(node::equals);
            }
            case MoveGoal.RemoveNode(String node) -> replace(image, node, after);
            case MoveGoal.Rebalance _ -> level(after);
            case MoveGoal.ReplicationFactor(int copies) -> after.fit(copies, Set.of());
            case MoveGoal.View(SortedSet<String> nodes, int copies) -> {
                after.fit(copies, difference(knownNodes(image), nodes));
                level(after);
            }
        }
        return after;
    }

    private static void level(Assignment after) {
        after.spreadOverRacks(_ -> true);
        after.levelCopies(_ -> true);
        after.levelLeaders(_ -> true);
    }

    /// As the controller replaces a draining node, so that it does not matter which of the two is first.
    private static void replace(ClusterImage image, String gone, Assignment after) {
        ReplicaPlacer placer = new ReplicaPlacer(image);
        for (Versioned<PartitionState> partition : image.partitions().values()) {
            PartitionState state = partition.value();
            after.put(state.id(), ReplicaRepair.replaced(state.targetReplicas(), Set.of(gone)::contains, placer));
        }
    }

    private static List<MovePlan.Move> moves(ClusterImage image, Assignment after) {
        List<MovePlan.Move> moves = new ArrayList<>();
        for (Versioned<PartitionState> partition : image.partitions().values()) {
            PartitionState state = partition.value();
            List<String> to = after.of(state.id());
            if (!to.equals(state.targetReplicas())) {
                moves.add(new MovePlan.Move(state.id(), state.targetReplicas(), to));
            }
        }
        return moves;
    }

    private static List<MovePlan.Move> inProgress(ClusterImage image, Assignment after) {
        return image.partitions().values().stream()
                .map(Versioned::value)
                .filter(state -> state.isReassigning() && after.of(state.id()).equals(state.target()))
                .map(state -> new MovePlan.Move(state.id(), state.replicas(), state.target()))
                .toList();
    }

    private static Optional<String> refusal(ClusterImage image, MoveGoal goal) {
        return switch (goal) {
            case MoveGoal.Reassign(int partition, List<String> replicas) ->
                AdminRequests.moveReplicas(image, partition, replicas)
                                instanceof AdminRequests.Outcome.Refused(String reason)
                        ? Optional.of(reason)
                        : Optional.empty();
            case MoveGoal.AddNode(String node) ->
                image.node(node).isPresent()
                        ? Optional.empty()
                        : Optional.of("node " + node + " is not registered: start it first, with a file that names the"
                                + " cluster's zookeeper.connect and zookeeper.root; registered: "
                                + String.join(", ", image.nodes().keySet()));
            case MoveGoal.RemoveNode(String node) -> refusalToRemove(image, node);
            case MoveGoal.Rebalance _ -> Optional.empty();
            case MoveGoal.ReplicationFactor(int copies) ->
                refusalOfCopies(
                        image,
                        copies,
                        image.nodes().keySet().stream()
                                .filter(image::mayKeepCopies)
                                .collect(Collectors.toCollection(TreeSet::new)));
            case MoveGoal.View(SortedSet<String> nodes, int copies) ->
                nodes.stream()
                        .filter(node -> image.node(node).isEmpty())
                        .findFirst()
                        .map(node -> "node " + node + " of the view is not registered; registered: "
                                + String.join(", ", image.nodes().keySet()))
                        .or(() -> refusalOfCopies(image, copies, nodes));
        };
    }

    private static Optional<String> refusalToRemove(ClusterImage image, String node) {
        if (!knownNodes(image).contains(node) && !image.draining().contains(node)) {
            return Optional.of("unknown node " + node + "; registered: "
                    + String.join(", ", image.nodes().keySet()));
        }
        List<Integer> unplaceable = NodeDrain.of(image, node).unplaceable();
        return unplaceable.isEmpty()
                ? Optional.empty()
                : Optional.of("no other node can take the copies that " + node + " keeps of partitions " + unplaceable
                        + ": add a node first, or lower the replication factor");
    }

    private static Optional<String> refusalOfCopies(ClusterImage image, int copies, SortedSet<String> nodes) {
        if (copies > nodes.size()) {
            return Optional.of("replication factor " + copies + " takes as many nodes that are registered and not"
                    + " draining, and there are " + nodes.size() + ": " + String.join(", ", nodes));
        }
        return image.partitions().values().stream()
                .map(Versioned::value)
                .filter(state -> state.minInSync() > copies)
                .findFirst()
                .map(state -> "replication factor " + copies + " is less than the min-insync of partition " + state.id()
                        + ", " + state.minInSync() + ": no write could be acknowledged");
    }
}
