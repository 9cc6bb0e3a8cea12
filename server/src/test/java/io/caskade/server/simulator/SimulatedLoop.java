package io.caskade.server.simulator;

import io.caskade.server.loop.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The one event loop of a simulated process: its tasks run in the order they came and in turns, as on a node.
final class SimulatedLoop implements EventLoop {

    private final SimulatedThreads threads;
    private final ProcessTimeline timeline;
    private final List<Runnable> turnEnds = new ArrayList<>();
    private boolean inTurn;

    SimulatedLoop(SimulatedThreads threads, ProcessTimeline timeline) {
        this.threads = threads;
        this.timeline = timeline;
    }

    @Override
    public void execute(Runnable task) {
        timeline.after(0, () -> run(task));
    }

    @Override
    public void executeAfter(long millis, Runnable task) {
        timeline.after(millis, () -> run(task));
    }

    @Override
    public void onTurnEnd(Runnable action) {
        turnEnds.add(action);
    }

    @Override
    public void removeTurnEnd(Runnable action) {
        turnEnds.remove(action);
    }

    @Override
    public <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        threads.waitUntil(future::isDone);
        return future.join();
    }

    private void run(Runnable task) {
        if (!inTurn) {
            inTurn = true;
            timeline.after(0, this::endTurn);
        }
        task.run();
    }

    private void endTurn() {
        inTurn = false;
        turnEnds.forEach(Runnable::run);
    }
}
