package io.caskade.server.simulator;

import java.util.ArrayDeque;
import java.util.Queue;

/// What one process does: nothing while it is paused, which it makes up for when it goes on, and nothing once
/// it is dead.
final class ProcessTimeline implements Timeline {

    private final Timeline world;
    private final Queue<Runnable> missed = new ArrayDeque<>();
    private boolean paused;
    private boolean dead;

    ProcessTimeline(Timeline world) {
        this.world = world;
    }

    @Override
    public long now() {
        return world.now();
    }

    @Override
    public void after(long millis, Runnable task) {
        world.after(millis, () -> run(task));
    }

    private void run(Runnable task) {
        if (dead) {
            return;
        }
        if (paused) {
            missed.add(task);
        } else {
            task.run();
        }
    }

    boolean isRunning() {
        return !dead && !paused;
    }

    boolean isDead() {
        return dead;
    }

    boolean isPaused() {
        return paused;
    }

    void pause() {
        paused = true;
    }

    /// What was missed comes first, in its order.
    void goOn() {
        paused = false;
        while (!missed.isEmpty()) {
            after(0, missed.remove());
        }
    }

    void die() {
        dead = true;
        missed.clear();
    }
}
