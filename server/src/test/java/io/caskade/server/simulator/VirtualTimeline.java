package io.caskade.server.simulator;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/// A time that passes only when everything due has been done. For one thread.
final class VirtualTimeline implements Timeline {

    private static final int MAX_AT_ONCE = 100_000;

    private record Due(long at, long order, Runnable task) {}

    private final Queue<Due> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
    private long now;
    private int atOnce;
    private long scheduled;
    private final Runnable afterEach;

    /// Whether a task that has begun lets time pass.
    private boolean resting;

    VirtualTimeline() {
        this(() -> {});
    }

    /// @param afterEach runs after each thing that is done
    VirtualTimeline(Runnable afterEach) {
        this.afterEach = afterEach;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public void after(long millis, Runnable task) {
        tasks.add(new Due(now + millis, scheduled++, task));
    }

    boolean isResting() {
        return resting;
    }

    void rest(boolean rests) {
        resting = rests;
    }

    /// Does the next thing, unless it is due only after `end`.
    ///
    /// @return whether there was one
    boolean step(long end) {
        Due next = tasks.peek();
        if (next == null || next.at() > end) {
            now = Math.max(now, end);
            return false;
        }
        tasks.remove();
        atOnce = next.at() == now ? atOnce + 1 : 0;
        if (atOnce > MAX_AT_ONCE) {
            throw new IllegalStateException("at " + now + " ms time stands still, so much is done at once");
        }
        now = next.at();
        next.task().run();
        afterEach.run();
        return true;
    }

    /// Advances the time by a number of milliseconds.
    void pass(long millis) {
        long end = now + millis;
        boolean more = true;
        while (more) {
            more = step(end);
        }
    }
}
