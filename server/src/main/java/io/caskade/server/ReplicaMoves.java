package io.caskade.server;

import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.controller.AdminRequests;
import io.caskade.server.controller.MoveGoal;
import io.caskade.server.controller.MovePlan;
import io.caskade.server.controller.MovePlanner;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Stores what [MovePlanner] plans: marks nodes, and writes the target of each partition into its state. The
/// controller, whichever node is it, carries that out. Where a state has changed meanwhile, plans again.
///
/// Thread-safe; nothing blocks.
public final class ReplicaMoves {

    /// Attempts when concurrent changes win.
    private static final int ATTEMPTS = 5;

    private final Supplier<ClusterImage> image;
    private final Coordinator coordinator;

    /// @param image the newest image, or fails with a [CommandRefusedException]
    public ReplicaMoves(Supplier<ClusterImage> image, Coordinator coordinator) {
        this.image = image;
        this.coordinator = coordinator;
    }

    /// What a goal takes.
    ///
    /// @throws CommandRefusedException when it cannot be reached
    MovePlan plan(MoveGoal goal) {
        return plan(image.get(), goal);
    }

    private static MovePlan plan(ClusterImage image, MoveGoal goal) {
        return switch (MovePlanner.plan(image, goal)) {
            case MovePlanner.Outcome.Planned(MovePlan plan) -> plan;
            case MovePlanner.Outcome.Refused(String reason) ->
                throw new CommandRefusedException(Reason.INVALID_ARGUMENT, reason);
        };
    }

    /// Stores what a goal takes. Completes with the plan once all of it is stored.
    ///
    /// @throws CommandRefusedException when the goal cannot be reached
    public CompletionStage<MovePlan> carryOut(MoveGoal goal) {
        ClusterImage planned = image.get();
        MovePlan plan = plan(planned, goal);
        SortedSet<String> draining = new TreeSet<>(planned.draining());
        draining.addAll(plan.drain());
        draining.removeAll(plan.undrain());
        CompletableFuture<?>[] marks = Stream.concat(
                        plan.drain().stream().map(node -> coordinator.setDraining(node, true)),
                        plan.undrain().stream().map(node -> coordinator.setDraining(node, false)))
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(marks)
                .thenCompose(_ -> store(planned.withDraining(draining), goal, plan, ATTEMPTS))
                .thenApply(_ -> plan);
    }

    private CompletionStage<Void> store(ClusterImage known, MoveGoal goal, MovePlan plan, int attempts) {
        List<CompletableFuture<CasResult>> results = new ArrayList<>();
        for (MovePlan.Move move : plan.moves()) {
            switch (AdminRequests.moveReplicas(known, move.partition(), move.to())) {
                case AdminRequests.Outcome.Unchanged() -> {}
                case AdminRequests.Outcome.Refused(String reason) -> {
                    return refused(Reason.INVALID_ARGUMENT, reason);
                }
                case AdminRequests.Outcome.Change(var next, int expectedVersion) ->
                    results.add(coordinator.compareAndSet(expectedVersion, next).toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenCompose(_ -> storeRest(
                        known,
                        goal,
                        results.stream().map(CompletableFuture::join).toList(),
                        attempts));
    }

    private CompletionStage<Void> storeRest(ClusterImage known, MoveGoal goal, List<CasResult> results, int attempts) {
        boolean lost = false;
        for (CasResult result : results) {
            switch (result) {
                case CasResult.Won _ -> {}
                case CasResult.Lost _ -> lost = true;
                case CasResult.NotDone(String reason) -> {
                    return refused(Reason.NOT_SERVING, "not all of the plan was stored, ask again: " + reason);
                }
                case CasResult.Unknown(String reason) -> {
                    return refused(Reason.OUTCOME_UNKNOWN, "not all of the plan may be stored, ask again: " + reason);
                }
            }
        }
        if (!lost) {
            return CompletableFuture.completedFuture(null);
        }
        if (attempts == 1) {
            return refused(
                    Reason.BUSY, "partitions were changed concurrently, and not all of the plan was stored; ask again");
        }
        return readAll(known).thenCompose(current -> store(current, goal, plan(current, goal), attempts - 1));
    }

    private CompletionStage<ClusterImage> readAll(ClusterImage known) {
        CompletableFuture<ClusterImage> read = CompletableFuture.completedFuture(known);
        for (int partition : known.partitions().keySet()) {
            read = read.thenCombine(coordinator.read(partition), ClusterImage::with);
        }
        return read;
    }

    private static <T> CompletionStage<T> refused(Reason reason, String message) {
        return CompletableFuture.failedFuture(new CommandRefusedException(reason, message));
    }
}
