package io.caskade.bench.engine;

import io.caskade.bench.time.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Measures how often threads run an operation per second.
final class ThroughputMeter {

    /// One thing to do.
    interface Operation {
        void run() throws IOException;
    }

    private static final double NANOS_PER_SECOND = 1e9;

    private ThroughputMeter() {}

    /// How often a second, over all threads, each thread's operation runs after a time to warm up.
    ///
    /// @throws IOException when an operation failed
    static double perSecond(int threads, Duration warmup, Duration time, IntFunction<Operation> operationOfThread)
            throws IOException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<AtomicLong> counts = new ArrayList<>();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Operation operation = operationOfThread.apply(i);
            AtomicLong count = new AtomicLong();
            counts.add(count);
            running.add(Thread.ofPlatform().name("load-" + i).start(() -> repeat(operation, count, stop, failure)));
        }
        Pause.of(warmup);
        long countBefore = sum(counts);
        long before = System.nanoTime();
        Pause.of(time);
        long count = sum(counts) - countBefore;
        long nanos = System.nanoTime() - before;
        stop.set(true);
        for (Thread thread : running) {
            Pause.until(thread);
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new IOException("an operation failed", thrown);
        }
        return count / (nanos / NANOS_PER_SECOND);
    }

    private static void repeat(
            Operation operation, AtomicLong count, AtomicBoolean stop, AtomicReference<@Nullable Throwable> failure) {
        try {
            long done = 0;
            while (!stop.getAcquire()) {
                operation.run();
                done++;
                count.setRelease(done);
            }
        } catch (IOException | RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }

    private static long sum(List<AtomicLong> counts) {
        return counts.stream().mapToLong(AtomicLong::getAcquire).sum();
    }
}
