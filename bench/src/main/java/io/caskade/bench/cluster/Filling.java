package io.caskade.bench.cluster;

import io.caskade.bench.time.Pause;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Does a number of operations once each, a bounded number of them at a time.
final class Filling {

    private Filling() {}

    /// Returns when all have ended.
    ///
    /// @param failures is told of those that failed
    static void run(Operations operations, int count, int inFlight, Failures failures) {
        Semaphore room = new Semaphore(inFlight);
        CountDownLatch left = new CountDownLatch(count);
        for (int number = 0; number < count; number++) {
            room.acquireUninterruptibly();
            var _ = operations.start(number).whenComplete((_, failure) -> {
                note(failure, failures);
                room.release();
                left.countDown();
            });
        }
        Pause.until(left);
    }

    private static void note(@Nullable Throwable failure, Failures failures) {
        if (failure != null) {
            failures.add(failure);
        }
    }
}
