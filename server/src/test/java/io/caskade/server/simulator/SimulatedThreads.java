package io.caskade.server.simulator;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/// The threads of a simulated process that may wait: for its loop, for the disk, for time to pass.
///
/// There is only one thread. While a task waits, the world goes on below it, and it goes on where it was when
/// what it waited for is there and the world's next event is over. One task of a process waits at a time:
/// others are put off until it has gone on, so that a task never waits for one that it interrupted.
final class SimulatedThreads implements Executor {

    private static final int MAX_DELAY_MILLIS = 3;

    /// Some reads of the disk take longer, which gives way to others.
    private static final int SLOW_READS_PER_MILLE = 40;

    private static final int MAX_READ_MILLIS = 30;

    private final VirtualTimeline world;
    private final ProcessTimeline timeline;
    private final RandomGenerator random;
    private final Queue<Runnable> putOff = new ArrayDeque<>();

    /// Whether a task runs, as opposed to waiting or to there being none.
    private boolean running;

    private boolean waiting;

    SimulatedThreads(VirtualTimeline world, ProcessTimeline timeline, RandomGenerator random) {
        this.world = world;
        this.timeline = timeline;
        this.random = random;
    }

    @Override
    public void execute(Runnable task) {
        timeline.after(random.nextInt(MAX_DELAY_MILLIS), () -> start(task));
    }

    private void start(Runnable task) {
        if (waiting) {
            putOff.add(task);
            return;
        }
        running = true;
        try {
            task.run();
        } catch (ProcessEnded _) {
            // Nothing of it goes on.
        } finally {
            running = false;
        }
    }

    /// The disk is read: by a task, or by the loop, which does not wait for it.
    void reads() {
        if (running && random.nextInt(1000) < SLOW_READS_PER_MILLE) {
            pass(random.nextInt(MAX_READ_MILLIS));
        }
    }

    /// A task has nothing to do for so long; unless another one is at rest already, which would have to wait
    /// for it.
    void pass(long millis) {
        if (world.isResting()) {
            return;
        }
        long end = world.now() + millis;
        world.rest(true);
        try {
            waitUntil(() -> world.now() >= end);
        } finally {
            world.rest(false);
        }
    }

    /// Has a task wait; the world goes on meanwhile.
    void waitUntil(BooleanSupplier condition) {
        if (!running || waiting) {
            throw new IllegalStateException("only a task may wait, and one at a time");
        }
        running = false;
        waiting = true;
        try {
            while (!timeline.isDead() && (timeline.isPaused() || !condition.getAsBoolean())) {
                world.step(Long.MAX_VALUE);
            }
        } finally {
            waiting = false;
            running = true;
        }
        if (timeline.isDead()) {
            throw new ProcessEnded();
        }
        while (!putOff.isEmpty()) {
            Runnable task = putOff.remove();
            timeline.after(0, () -> start(task));
        }
    }
}
