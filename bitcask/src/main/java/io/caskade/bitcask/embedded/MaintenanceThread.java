package io.caskade.bitcask.embedded;

import io.caskade.bitcask.MergeOptions;
import io.caskade.bitcask.Options;
import io.caskade.bitcask.ResourceExhaustedException;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.merge.MergeRunner;
import io.caskade.bitcask.store.merge.MergeRunner.Outcome;
import io.caskade.bitcask.store.merge.RateLimiter;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A background thread that merges segments and writes hints. Tasks start between group commits, which wait
/// only that long.
public final class MaintenanceThread {

    private static final Logger LOG = LoggerFactory.getLogger(MaintenanceThread.class);

    private static final Duration INTERVAL = Duration.ofMillis(500);

    /// How many tasks a turn runs at most: what else there is to do must not wait for all of them.
    private static final int TURN_TASKS = 16;

    private final Store store;
    private final WriteQueue writes;
    private final MergeRunner merging;
    private final MergeOptions options;
    private final long spareHintBytes;
    private final InstantSource clock;
    private final PeriodicThread thread;
    private final RateLimiter limiter;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition turned = lock.newCondition();

    // Guarded by the lock.
    private long turns;
    private long idleTurn;

    private MaintenanceThread(Store store, WriteQueue writes, MergeRunner merging, Options options) {
        this.merging = merging;
        this.store = store;
        this.writes = writes;
        this.options = options.merges();
        this.spareHintBytes = options.segmentBytes();
        this.clock = options.clock();
        this.thread = new PeriodicThread("bitcask-maintenance", INTERVAL, () -> true, this::turn);
        this.limiter = new RateLimiter(options.merges().bytesPerSecond(), System::nanoTime, thread::awaitStop);
    }

    /// Starts the thread.
    public static MaintenanceThread start(Store store, WriteQueue writes, MergeRunner merging, Options options) {
        MaintenanceThread maintenance = new MaintenanceThread(store, writes, merging, options);
        maintenance.thread.start();
        return maintenance;
    }

    private void turn() {
        long turn = begin();
        boolean idle = true;
        if (options.automatic()) {
            boolean marked = advanceLogTime();
            idle = merge() && !marked;
        } else {
            merging.syncIfOverdue();
        }
        writeHints();
        end(turn, idle);
    }

    /// @return whether the store is quiet and nothing was left to do
    private boolean merge() {
        for (int i = 0; i < TURN_TASKS; i++) {
            Outcome outcome = merging.mergeNext(limiter);
            if (outcome != Outcome.MORE) {
                return outcome == Outcome.IDLE && i == 0;
            }
        }
        thread.wake();
        return false;
    }

    /// Segments can be merged that could not before.
    public void onSegmentSealed() {
        if (options.automatic() && merging.need() > 0) {
            thread.wake();
        }
    }

    private long begin() {
        lock.lock();
        try {
            return ++turns;
        } finally {
            lock.unlock();
        }
    }

    private void end(long turn, boolean idle) {
        lock.lock();
        try {
            idleTurn = idle ? turn : idleTurn;
            turned.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until a turn that began after the call found nothing to do.
    ///
    /// @return whether one did in time
    public boolean awaitIdle(Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            long before = turns;
            long left = timeout.toNanos();
            while (idleTurn <= before && left > 0) {
                left = turned.awaitNanos(left);
            }
            return idleTurn > before;
        } finally {
            lock.unlock();
        }
    }

    private void writeHints() {
        Optional<HintWriter> task = beginHint();
        while (task.isPresent()) {
            try {
                task.get().run();
            } catch (ResourceExhaustedException e) {
                LOG.warn("cannot write the hint of a segment; opening will take longer: {}", e.getMessage());
            } catch (IOException | RuntimeException | Error e) {
                LOG.warn("cannot write the hint of a segment; opening will take longer", e);
            }
            task = thread.isStopping() ? Optional.empty() : beginHint();
        }
    }

    /// While the store takes too much space, hints would only add to it, of segments that are soon merged
    /// away.
    private Optional<HintWriter> beginHint() {
        if (options.automatic() && merging.isRunning() && merging.need() >= 1) {
            return Optional.empty();
        }
        return writes.exclusively(() -> store.maintenance().beginHint(spareHintBytes));
    }

    /// Merges judge expiry by the log's time, which stands still while nothing is written. Advances it when a
    /// record has expired.
    ///
    /// @return whether the time was advanced
    private boolean advanceLogTime() {
        long next = writes.exclusively(store.maintenance()::nextExpiry);
        long now = clock.millis();
        if (next == 0 || next > now || store.isFenced()) {
            return false;
        }
        try {
            writes.mark(now);
        } catch (IOException e) {
            LOG.warn("expired records are not reclaimed yet: the log's time cannot be advanced", e);
        }
        return true;
    }

    /// Stops the thread, and returns when it has ended.
    public void stop() {
        thread.stop();
    }
}
