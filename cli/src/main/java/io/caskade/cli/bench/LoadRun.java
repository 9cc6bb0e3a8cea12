package io.caskade.cli.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/// Runs clients that each send requests, await all answers, and send the next: a closed loop. First to warm up,
/// then to measure.
final class LoadRun {

    private static final Duration SHOW_INTERVAL = Duration.ofMillis(250);
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    /// Hears how it goes, several times a second.
    interface Progress {
        /// What was measured so far, which is not finished.
        void moved(BenchResult sofar);
    }

    private final BenchProtocol protocol;
    private final BenchWorkload workload;
    private final BenchKeys keys;
    private final LoadPlan plan;

    LoadRun(BenchProtocol protocol, BenchWorkload workload, BenchKeys keys, LoadPlan plan) {
        this.protocol = protocol;
        this.workload = workload;
        this.keys = keys;
        this.plan = plan;
    }

    /// Runs until the plan is fulfilled, or this thread is interrupted; it stays interrupted.
    BenchResult run(List<LoadClient> clients, Progress progress) {
        if (plan.warmUp().isPositive()) {
            BenchResult warm = run(clients, Long.MAX_VALUE, plan.warmUp(), _ -> {});
            if (!warm.finished()) {
                return warm;
            }
        }
        return run(clients, plan.requests(), plan.duration(), progress);
    }

    private BenchResult run(List<LoadClient> clients, long requests, Duration duration, Progress progress) {
        Measurements measurements = new Measurements();
        long start = System.nanoTime();
        Loop loop = new Loop(new AtomicLong(requests), start + duration.toNanos(), measurements);
        CountDownLatch running = new CountDownLatch(clients.size());
        List<Thread> threads = new ArrayList<>();
        for (LoadClient client : clients) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    loop.run(client);
                } finally {
                    running.countDown();
                }
            }));
        }
        boolean finished = true;
        boolean ended = false;
        while (!ended) {
            try {
                ended = running.await(SHOW_INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
                progress.moved(result(measurements, start, false));
            } catch (InterruptedException e) {
                finished = false;
                loop.stop();
                awaitLast(running);
                ended = true;
            }
        }
        BenchResult result = result(measurements, start, finished);
        if (!finished) {
            threads.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
        }
        return result;
    }

    private BenchResult result(Measurements measurements, long start, boolean finished) {
        return new BenchResult(
                protocol,
                workload,
                measurements.latencies(),
                measurements.failures(),
                System.nanoTime() - start,
                finished);
    }

    /// Waits a moment for clients that were told to stop; one whose server is silent is left behind.
    private static void awaitLast(CountDownLatch running) {
        try {
            boolean _ = running.await(LAST_ANSWERS.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What all clients do until there is nothing left to do.
    private final class Loop {

        private final AtomicLong left;
        private final long endNanos;
        private final Measurements measurements;
        private volatile boolean stopped;

        Loop(AtomicLong left, long endNanos, Measurements measurements) {
            this.left = left;
            this.endNanos = endNanos;
            this.measurements = measurements;
        }

        void stop() {
            stopped = true;
        }

        void run(LoadClient client) {
            try {
                int next = take();
                while (next > 0) {
                    client.exchange(operations(next), measurements);
                    next = take();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /// How many requests to send next.
        private int take() {
            if (stopped || System.nanoTime() - endNanos >= 0) {
                return 0;
            }
            long before = left.getAndUpdate(count -> count - Math.min(count, plan.inFlight()));
            return (int) Math.min(before, plan.inFlight());
        }

        private List<LoadOperation> operations(int count) {
            RandomGenerator random = ThreadLocalRandom.current();
            List<LoadOperation> operations = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                operations.add(new LoadOperation(workload.nextIsPut(random), keys.random()));
            }
            return operations;
        }
    }
}
