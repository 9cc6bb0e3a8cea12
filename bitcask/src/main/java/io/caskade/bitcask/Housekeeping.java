package io.caskade.bitcask;

import io.caskade.bitcask.log.HintTask;
import io.caskade.bitcask.store.Merging;
import io.caskade.bitcask.store.Pace;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does, on a thread of its own, what a store needs done beside its writes: the hints of full segments and
/// merges. Asks for it between two group commits, which wait no longer than it takes to ask.
final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final Store store;
    private final GroupCommit commits;
    private final Merging merging;
    private final MergeOptions options;
    private final long spareHintBytes;
    private final InstantSource clock;
    private final Repetition repetition;
    private final Pace pace;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition turned = lock.newCondition();

    // Guarded by the lock.
    private long turns;
    private long idleTurn;

    private Housekeeping(Store store, GroupCommit commits, Merging merging, Options options) {
        this.merging = merging;
        this.store = store;
        this.commits = commits;
        this.options = options.merges();
        this.spareHintBytes = options.segmentBytes();
        this.clock = options.clock();
        this.repetition = new Repetition("bitcask-housekeeping", INTERVAL, () -> true, this::turn);
        this.pace = new Pace(options.merges().bytesPerSecond(), System::nanoTime, repetition::awaitStop);
    }

    static Housekeeping start(Store store, GroupCommit commits, Merging merging, Options options) {
        Housekeeping housekeeping = new Housekeeping(store, commits, merging, options);
        housekeeping.repetition.start();
        return housekeeping;
    }

    private void turn() {
        long turn = begin();
        writeHints();
        boolean idle = true;
        if (options.automatic()) {
            boolean marked = tellTheTime();
            idle = merging.automatic(pace) && !marked;
        } else {
            merging.syncNowAndThen();
        }
        end(turn, idle);
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
    boolean awaitIdle(Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long before = turns;
            long left = atMost.toNanos();
            while (idleTurn <= before && left > 0) {
                left = turned.awaitNanos(left);
            }
            return idleTurn > before;
        } finally {
            lock.unlock();
        }
    }

    private void writeHints() {
        Optional<HintTask> task = nextHint();
        while (task.isPresent()) {
            try {
                task.get().run();
            } catch (IOException | RuntimeException e) {
                LOG.warn("a segment has no hint: opening will take longer", e);
            }
            task = repetition.isStopping() ? Optional.empty() : nextHint();
        }
    }

    private Optional<HintTask> nextHint() {
        return commits.exclusively(() -> store.nextHint(spareHintBytes));
    }

    /// Merges judge expiry by the log's time, which stands still when nothing is written.
    ///
    /// @return whether the time was told
    private boolean tellTheTime() {
        long next = commits.exclusively(store::nextExpiry);
        long now = clock.millis();
        if (next == 0 || next > now || store.isFenced()) {
            return false;
        }
        try {
            commits.mark(now);
        } catch (IOException e) {
            LOG.warn("what has expired is not taken back yet: the time cannot be written down", e);
        }
        return true;
    }

    /// Returns when nothing is under way any more.
    void stop() {
        repetition.stop();
    }
}
