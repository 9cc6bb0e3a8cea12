package io.caskade.server.partition;

import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.store.merge.RateLimiter;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs one kind of maintenance, merges or scrubs, periodically on all partitions of a node, one after the
/// other on its own thread and at one shared rate limit. Those that need it urgently come first, and do not
/// wait for the next round. The thread is never interrupted: an interrupt would close log files for all
/// threads.
public final class PartitionMaintenance {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionMaintenance.class);

    /// The maintenance of one partition.
    @FunctionalInterface
    public interface Work {
        /// Runs it until it ends or the pacer cancels it. Blocks.
        void run(HostedPartition partition, LogMerge.Pacer pacer);
    }

    /// The urgency of work that always waits for the next round.
    public static final ToDoubleFunction<HostedPartition> NEVER_URGENT = partition -> 0;

    /// How long one that needs it urgently again waits at most, while no other one's runs.
    private static final Duration URGENT_INTERVAL = Duration.ofMillis(20);

    /// How long one waits at most after none was urgent for a while: an idle node should sleep.
    private static final Duration RELAXED_INTERVAL = Duration.ofMillis(160);

    private final String name;
    private final Duration interval;
    private final Supplier<Collection<HostedPartition>> partitions;
    private final Work work;
    private final ToDoubleFunction<HostedPartition> urgency;
    private final RateLimiter pace;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    private PartitionMaintenance(
            String name,
            Duration interval,
            Supplier<Collection<HostedPartition>> partitions,
            Work work,
            ToDoubleFunction<HostedPartition> urgency,
            long bytesPerSecond,
            LongSupplier nanoTime) {
        this.urgency = urgency;
        this.name = name;
        this.interval = interval;
        this.partitions = partitions;
        this.work = work;
        this.pace = new RateLimiter(bytesPerSecond, nanoTime, this::awaitStop);
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /// Waits one interval before the first round.
    ///
    /// @param name of the work and its thread
    /// @param interval between two rounds
    /// @param urgency how urgent the work of a partition is, without touching it: 0 if it may wait for the
    ///     next round
    /// @param bytesPerSecond see [RateLimiter]
    /// @param nanoTime a clock that never goes back
    public static PartitionMaintenance start(
            String name,
            Duration interval,
            Supplier<Collection<HostedPartition>> partitions,
            Work work,
            ToDoubleFunction<HostedPartition> urgency,
            long bytesPerSecond,
            LongSupplier nanoTime) {
        PartitionMaintenance maintenance =
                new PartitionMaintenance(name, interval, partitions, work, urgency, bytesPerSecond, nanoTime);
        maintenance.thread.start();
        return maintenance;
    }

    private void run() {
        long most = urgency.equals(NEVER_URGENT) ? interval.toNanos() : RELAXED_INTERVAL.toNanos();
        long pause = Math.min(interval.toNanos(), most);
        long waited = 0;
        while (!awaitStop(pause)) {
            waited += pause;
            boolean round = waited >= interval.toNanos();
            waited = round ? 0 : waited;
            List<HostedPartition> due = due(round);
            for (HostedPartition partition : due) {
                if (awaitStop(0)) {
                    return;
                }
                workSafely(partition);
            }
            long next = due.isEmpty() ? 2 * pause : URGENT_INTERVAL.toNanos();
            pause = Math.min(Math.min(interval.toNanos(), most), next);
        }
    }

    /// The most urgent first, and unless it is time for a round, none but the urgent.
    private List<HostedPartition> due(boolean round) {
        record Due(HostedPartition partition, double urgency) {}
        return partitions.get().stream()
                .map(partition -> new Due(partition, urgency.applyAsDouble(partition)))
                .filter(due -> round || due.urgency() > 0)
                .sorted(Comparator.comparingDouble(Due::urgency).reversed())
                .map(Due::partition)
                .toList();
    }

    /// A failure in one partition, even for lack of memory, must not stop the maintenance of the others.
    private void workSafely(HostedPartition partition) {
        try {
            work.run(partition, pace);
        } catch (RuntimeException | Error e) {
            LOG.error("the {} of a partition failed unexpectedly", name, e);
        }
    }

    private boolean awaitStop(long nanos) {
        try {
            return stopping.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            LOG.error("the {} were interrupted, which must not happen", name, e);
            return true;
        }
    }

    /// Cancels the task in progress, or waits for it if it is in its last short steps. The partitions' loops
    /// must still run.
    public void stop() throws InterruptedException {
        stopping.countDown();
        thread.join();
    }
}
