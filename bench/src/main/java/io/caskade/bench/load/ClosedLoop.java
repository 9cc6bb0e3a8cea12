package io.caskade.bench.load;

import io.caskade.bench.time.Pause;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/// Keeps a fixed number of operations in flight: one that ends starts the next. Latencies are those of a
/// caller who waits, and say nothing of what others would have waited for meanwhile; [OpenLoop] does.
public final class ClosedLoop implements LoadGenerator {

    private final OperationSource operations;
    private final OperationListener listener;
    private final AtomicLong numbers = new AtomicLong();
    private final CountDownLatch running;

    private volatile boolean ending;

    private ClosedLoop(OperationSource operations, int inFlight, OperationListener listener) {
        this.operations = operations;
        this.listener = listener;
        this.running = new CountDownLatch(inFlight);
    }

    /// Starts a number of operations.
    public static ClosedLoop start(OperationSource operations, int inFlight, OperationListener listener) {
        ClosedLoop loop = new ClosedLoop(operations, inFlight, listener);
        for (int started = 0; started < inFlight; started++) {
            loop.startNext();
        }
        return loop;
    }

    /// Starts the next operation, and those behind it as long as they end at once, without growing the stack.
    private void startNext() {
        while (!ending) {
            long number = numbers.getAndIncrement();
            long start = System.nanoTime();
            CompletableFuture<?> operation = operations.start(number);
            if (!operation.isDone()) {
                var _ = operation.whenComplete((_, failure) -> {
                    listener.ended(number, start, System.nanoTime(), failure);
                    startNext();
                });
                return;
            }
            listener.ended(
                    number,
                    start,
                    System.nanoTime(),
                    operation.isCompletedExceptionally() ? operation.exceptionNow() : null);
        }
        running.countDown();
    }

    /// Starts no more operations, and waits for those in flight.
    @Override
    public void close() {
        ending = true;
        Pause.until(running);
    }
}
