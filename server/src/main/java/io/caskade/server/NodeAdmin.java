package io.caskade.server;

import io.caskade.server.admin.AdminOperations;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.admin.NodeStatus;
import io.caskade.server.admin.SharedSetting;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SharedSettingsStore;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.controller.AdminRequests;
import io.caskade.server.controller.MoveGoal;
import io.caskade.server.controller.MovePlan;
import io.caskade.server.controller.NodeDrain;
import io.caskade.server.partition.ReplicaManager;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// Implements the administrators' operations on this node.
final class NodeAdmin implements AdminOperations {

    private static final long TIMEOUT_SECONDS = 2;

    /// Attempts per change when concurrent changes win.
    private static final int ATTEMPTS = 5;

    private final NodeIncarnation incarnation;
    private final ReplicaManager partitions;
    private final Coordinator coordinator;
    private final ReplicaMoves moves;
    private final SettingsAdmin settings;

    /// @param incarnation this node's incarnation
    /// @param settings where the settings are kept that all nodes share
    NodeAdmin(
            NodeIncarnation incarnation,
            ReplicaManager partitions,
            Coordinator coordinator,
            SharedSettingsStore settings) {
        this.incarnation = incarnation;
        this.partitions = partitions;
        this.coordinator = coordinator;
        this.moves = new ReplicaMoves(this::image, coordinator);
        this.settings = new SettingsAdmin(this::image, settings);
    }

    @Override
    public CompletionStage<NodeStatus> describe() {
        List<CompletableFuture<CopyStatus>> copies = partitions.statuses();
        return CompletableFuture.allOf(copies.toArray(CompletableFuture<?>[]::new))
                .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .thenApply(_ -> new NodeStatus(
                        incarnation.node(),
                        incarnation.incarnation(),
                        Version.current(),
                        copies.stream()
                                .map(CompletableFuture::join)
                                .sorted(Comparator.comparingInt(CopyStatus::partition))
                                .toList()));
    }

    @Override
    public CompletionStage<Boolean> moveLeader(int partition, String node) {
        ClusterImage image = image();
        return image.partition(partition).isEmpty()
                ? moveLeader(image, partition, node, 1)
                : coordinator
                        .read(partition)
                        .thenCompose(state -> moveLeader(image.with(state), partition, node, ATTEMPTS));
    }

    private CompletionStage<Boolean> moveLeader(ClusterImage image, int partition, String node, int attempts) {
        return switch (AdminRequests.moveLeader(image, partition, node)) {
            case AdminRequests.Outcome.Unchanged() -> CompletableFuture.completedFuture(false);
            case AdminRequests.Outcome.Refused(String reason) -> refused(Reason.INVALID_ARGUMENT, reason);
            case AdminRequests.Outcome.Change(PartitionState next, int expectedVersion) ->
                coordinator.compareAndSet(expectedVersion, next).thenCompose(result -> switch (result) {
                    case CasResult.Won _ -> CompletableFuture.completedFuture(true);
                    case CasResult.Lost(var current) ->
                        attempts > 1
                                ? moveLeader(image.with(current), partition, node, attempts - 1)
                                : refused(
                                        Reason.BUSY, "partition " + partition + " was changed concurrently; try again");
                    case CasResult.NotDone(String reason) ->
                        refused(Reason.NOT_SERVING, "partition " + partition + " was not changed: " + reason);
                    case CasResult.Unknown(String reason) -> refused(Reason.OUTCOME_UNKNOWN, reason);
                });
        };
    }

    @Override
    public CompletionStage<NodeDrain> drain(String node, boolean draining) {
        ClusterImage image = image();
        boolean known = image.node(node).isPresent()
                || image.partitions().values().stream()
                        .anyMatch(state -> state.value().isReplica(node));
        if (draining && !known) {
            return refused(
                    Reason.INVALID_ARGUMENT,
                    "unknown node " + node + "; registered: "
                            + String.join(", ", image.nodes().keySet()));
        }
        return coordinator.setDraining(node, draining).thenApply(_ -> NodeDrain.of(image(), node));
    }

    @Override
    public MovePlan plan(MoveGoal goal) {
        return moves.plan(goal);
    }

    @Override
    public CompletionStage<MovePlan> move(MoveGoal goal) {
        CompletionStage<MovePlan> stored = moves.carryOut(goal);
        return switch (goal) {
            case MoveGoal.ReplicationFactor(int copies) -> afterReplicationFactor(stored, copies);
            case MoveGoal.View(var _, int copies) -> afterReplicationFactor(stored, copies);
            case MoveGoal.Reassign _, MoveGoal.AddNode _, MoveGoal.RemoveNode _, MoveGoal.Rebalance _ -> stored;
        };
    }

    private CompletionStage<MovePlan> afterReplicationFactor(CompletionStage<MovePlan> stored, int copies) {
        return stored.thenCompose(plan -> settings.setReplicationFactor(copies).thenApply(_ -> plan));
    }

    @Override
    public CompletionStage<List<SharedSetting>> settings() {
        return settings.list();
    }

    @Override
    public CompletionStage<List<SharedSetting>> changeSetting(String name, String value) {
        return settings.change(name, value);
    }

    private ClusterImage image() {
        return partitions
                .image()
                .orElseThrow(
                        () -> new CommandRefusedException(Reason.NOT_SERVING, "this node has no cluster image yet"));
    }

    private static <T> CompletionStage<T> refused(Reason reason, String message) {
        return CompletableFuture.failedFuture(new CommandRefusedException(reason, message));
    }
}
