package io.caskade.bench.load;

import io.caskade.bench.time.Pause;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Starts operations at a fixed rate, whatever became of those before. Latencies count from when an
/// operation was due, so a stall shows in all that it delays (no coordinated omission).
public final class OpenLoop implements LoadGenerator {

    private final OperationSource operations;
    private final double perSecond;
    private final OperationListener listener;
    /// The operations in flight, and the loop itself until it ends.
    private final AtomicLong underWay = new AtomicLong(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread pacer;

    private volatile boolean ending;

    private OpenLoop(OperationSource operations, double perSecond, OperationListener listener) {
        this.operations = operations;
        this.perSecond = perSecond;
        this.listener = listener;
        this.pacer = Thread.ofPlatform().name("pacer").daemon().unstarted(this::pace);
    }

    /// Starts a load.
    ///
    /// @param perSecond how many operations, more than 0
    public static OpenLoop start(OperationSource operations, double perSecond, OperationListener listener) {
        OpenLoop loop = new OpenLoop(operations, perSecond, listener);
        loop.pacer.start();
        return loop;
    }

    private void pace() {
        double interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long begin = System.nanoTime();
        for (long number = 0; !ending; number++) {
            long due = begin + (long) (number * interval);
            long left = due - System.nanoTime();
            while (left > 0 && !ending) {
                LockSupport.parkNanos(left);
                left = due - System.nanoTime();
            }
            start(number, due);
        }
    }

    private void start(long number, long due) {
        underWay.incrementAndGet();
        var _ = operations.start(number).whenComplete((_, failure) -> {
            listener.ended(number, due, System.nanoTime(), failure);
            finishOne();
        });
    }

    private void finishOne() {
        if (underWay.decrementAndGet() == 0) {
            ended.countDown();
        }
    }

    /// Starts no more, and waits for those in flight.
    @Override
    public void close() {
        ending = true;
        Pause.until(pacer);
        finishOne();
        Pause.until(ended);
    }
}
