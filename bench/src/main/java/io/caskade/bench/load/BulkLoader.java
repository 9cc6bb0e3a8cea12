package io.caskade.bench.load;

import io.caskade.bench.time.Pause;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Runs a number of operations once each, a bounded number of them at a time.
public final class BulkLoader {

    private BulkLoader() {}

    /// Returns when all have ended.
    ///
    /// @param failures counts those that failed
    public static void run(OperationSource operations, int count, int inFlight, FailureCounts failures) {
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

    private static void note(@Nullable Throwable failure, FailureCounts failures) {
        if (failure != null) {
            failures.add(failure);
        }
    }
}
