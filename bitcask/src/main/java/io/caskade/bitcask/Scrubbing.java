package io.caskade.bitcask;

import io.caskade.bitcask.log.DamagedLogException;
import io.caskade.bitcask.log.LogScrub;
import io.caskade.bitcask.store.Pace;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads, on a thread of its own and slowly, all full segments of an open store again and again, so that
/// damage is found while there is something to mend it with. What it finds is logged and kept until it is asked for.
final class Scrubbing {

    private static final Logger LOG = LoggerFactory.getLogger(Scrubbing.class);

    private static final int MOST_KEPT = 100;

    private final Store store;
    private final GroupCommit commits;
    private final Repetition repetition;
    private final Pace pace;

    // Guarded by this object's lock.
    private final List<DamagedLogException> damage = new ArrayList<>();
    private long rounds;
    private long segments;
    private long damagedSegments;

    private Scrubbing(Store store, GroupCommit commits, Options options) {
        this.store = store;
        this.commits = commits;
        this.repetition = new Repetition("bitcask-scrub", options.scrubInterval(), () -> true, this::round);
        this.pace = new Pace(options.scrubBytesASecond(), System::nanoTime, repetition::awaitStop);
    }

    static Scrubbing start(Store store, GroupCommit commits, Options options) {
        Scrubbing scrubbing = new Scrubbing(store, commits, options);
        if (options.scrubBytesASecond() > 0) {
            scrubbing.repetition.start();
        }
        return scrubbing;
    }

    /// What was found so far.
    synchronized ScrubReport report() {
        return new ScrubReport(rounds, segments, damagedSegments, damage);
    }

    private void round() {
        try {
            long after = 0;
            Optional<LogScrub> next = next(after);
            while (next.isPresent()) {
                scrub(next.get());
                after = next.get().last();
                next = next(after);
            }
            synchronized (this) {
                rounds++;
            }
        } catch (CancellationException e) {
            LOG.debug("a scrub was given up: the store is being closed");
        }
    }

    private Optional<LogScrub> next(long after) {
        return repetition.isStopping() ? Optional.empty() : commits.exclusively(() -> store.nextScrub(after));
    }

    private void scrub(LogScrub scrub) {
        try {
            scrub.run(pace);
            synchronized (this) {
                segments++;
            }
        } catch (DamagedLogException e) {
            LOG.error("a scrub found damage, which is not served: {}", e.getMessage());
            synchronized (this) {
                segments++;
                damagedSegments++;
                if (damage.size() < MOST_KEPT) {
                    damage.add(e);
                }
            }
        } catch (IOException e) {
            LOG.warn("a segment cannot be read by the scrub; it is due again in the next round", e);
        }
    }

    /// Returns when nothing is under way any more.
    void stop() {
        repetition.stop();
    }
}
