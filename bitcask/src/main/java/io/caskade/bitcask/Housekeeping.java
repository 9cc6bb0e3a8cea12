package io.caskade.bitcask;

import io.caskade.bitcask.log.HintTask;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does, on a thread of its own, what a store needs done beside its writes: the hints of full segments and
/// merges. Asks for it between two group commits, which wait no longer than it takes to ask.
final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private static final Duration INTERVAL = Duration.ofMillis(500);

    /// How fast merges that nobody waits for read and write.
    private static final long BYTES_A_SECOND = 64 << 20;

    private static final long PACE_STEP_BYTES = 1 << 20;

    private final Store store;
    private final GroupCommit commits;
    private final Merging merging;
    private final Repetition repetition;

    /// Bytes a merge has moved and not yet waited for.
    private long unpaid;

    private Housekeeping(Store store, GroupCommit commits, Merging merging) {
        this.merging = merging;
        this.store = store;
        this.commits = commits;
        this.repetition = new Repetition("bitcask-housekeeping", INTERVAL, () -> true, this::turn);
    }

    static Housekeeping start(Store store, GroupCommit commits, Merging merging) {
        Housekeeping housekeeping = new Housekeeping(store, commits, merging);
        housekeeping.repetition.start();
        return housekeeping;
    }

    private void turn() {
        writeHints();
        merge();
    }

    private void writeHints() {
        Optional<HintTask> task = commits.exclusively(store::nextHint);
        while (task.isPresent()) {
            try {
                task.get().run();
            } catch (IOException | RuntimeException e) {
                LOG.warn("a segment has no hint: opening will take longer", e);
            }
            task = repetition.isStopping() ? Optional.empty() : commits.exclusively(store::nextHint);
        }
    }

    private void merge() {
        if (store.isFenced()) {
            return;
        }
        try {
            merging.automatic(this::pace);
        } catch (CancellationException e) {
            LOG.debug("a merge was given up: the store is being closed");
        } catch (IOException | RuntimeException e) {
            LOG.warn("a merge failed; it is due again in {} ms", INTERVAL.toMillis(), e);
        }
    }

    private void pace(long bytes) {
        unpaid += bytes;
        if (unpaid < PACE_STEP_BYTES) {
            return;
        }
        long millis = unpaid * 1000 / BYTES_A_SECOND;
        unpaid = 0;
        try {
            if (repetition.awaitStop(Duration.ofMillis(millis))) {
                throw new CancellationException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException();
        }
    }

    /// Returns when nothing is under way any more.
    void stop() {
        repetition.stop();
    }
}
