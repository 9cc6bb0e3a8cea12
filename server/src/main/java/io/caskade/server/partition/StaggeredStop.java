package io.caskade.server.partition;

import io.caskade.server.loop.EventLoop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Stops a node's copies: leaders one after the other, then followers. Another node begins to lead one
/// partition several times as fast as many at once, and those whose turn has not come are served meanwhile. Use
/// each instance once.
final class StaggeredStop {

    /// All copies that have not had their turn by then stop together.
    private static final long LIMIT_MILLIS = 400;

    /// Of the time that a node has for stopping, the part after which they do; the rest is for a leader that
    /// must wait until it has tried to hand over.
    private static final int LIMIT_PART = 4;

    private static final long PAUSE_MILLIS = 50;
    private static final long STUCK_MILLIS = 200;

    private final List<HostedPartition> copies;
    private final List<EventLoop> loops;
    private final long pauseMillis;
    private final long stuckMillis;

    /// Completes when copies need not wait for their turn any more.
    private final CompletableFuture<Void> allAtOnce = new CompletableFuture<>();

    /// @param pauseMillis time for the next leader to begin serving
    /// @param stuckMillis when a leader takes longer than this to stop, the others no longer wait
    StaggeredStop(Collection<HostedPartition> copies, long pauseMillis, long stuckMillis) {
        this.copies = List.copyOf(copies);
        this.loops = copies.stream().map(HostedPartition::loop).distinct().toList();
        this.pauseMillis = pauseMillis;
        this.stuckMillis = stuckMillis;
    }

    /// Stops a node's copies.
    ///
    /// @param availableMillis what the node has for it
    /// @return completes when all have stopped; exceptionally when one could not
    static CompletionStage<Void> of(Collection<HostedPartition> copies, long availableMillis) {
        return new StaggeredStop(copies, PAUSE_MILLIS, STUCK_MILLIS)
                .run(Math.min(LIMIT_MILLIS, availableMillis / LIMIT_PART));
    }

    /// @param limitMillis after this long, all that are left stop together
    CompletionStage<Void> run(long limitMillis) {
        List<HostedPartition> leaders = new ArrayList<>();
        List<HostedPartition> followers = new ArrayList<>();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (HostedPartition copy : copies) {
            if (copy.leads()) {
                leaders.add(copy);
            } else {
                followers.add(copy);
            }
        }
        CompletableFuture<?> handedOver = CompletableFuture.anyOf(stopInTurns(leaders, limitMillis, ends), allAtOnce);
        followers.forEach(follower -> ends.add(handedOver.thenCompose(_ -> follower.stop())));
        return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
    }

    /// @return completes after the last one
    private CompletableFuture<?> stopInTurns(
            List<HostedPartition> leaders, long limitMillis, List<CompletableFuture<Void>> ends) {
        if (limitMillis > 0) {
            var _ = after(limitMillis).thenRun(() -> allAtOnce.complete(null));
        } else {
            allAtOnce.complete(null);
        }
        CompletableFuture<?> turn = CompletableFuture.completedFuture(null);
        for (HostedPartition leader : leaders) {
            CompletableFuture<?> due = CompletableFuture.anyOf(turn, allAtOnce);
            CompletableFuture<Void> end = due.thenCompose(_ -> leader.stop());
            ends.add(end);
            var _ = due.thenCompose(_ -> after(stuckMillis)).thenRun(() -> {
                if (!end.isDone()) {
                    allAtOnce.complete(null);
                }
            });
            long pause = Math.min(pauseMillis, limitMillis / (2L * leaders.size()));
            turn = end.handle((_, _) -> null).thenCompose(_ -> after(pause));
        }
        return turn;
    }

    /// On whichever loop runs first: one may hang.
    private CompletableFuture<Void> after(long millis) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        loops.forEach(loop -> loop.executeAfter(millis, () -> end.complete(null)));
        return end;
    }
}
