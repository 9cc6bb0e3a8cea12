package io.caskade.bitcask;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Syncs a store at a fixed interval, on a thread of its own, until it is stopped or the store is fenced, as a
/// sync that fails leaves it.
final class IntervalSync {

    private static final Logger LOG = LoggerFactory.getLogger(IntervalSync.class);

    private final GroupCommit commits;
    private final Repetition repetition;

    private IntervalSync(Duration interval, GroupCommit commits) {
        this.commits = commits;
        this.repetition = new Repetition("bitcask-sync", interval, () -> !commits.isFenced(), this::sync);
    }

    static IntervalSync start(Duration interval, GroupCommit commits) {
        IntervalSync sync = new IntervalSync(interval, commits);
        sync.repetition.start();
        return sync;
    }

    private void sync() {
        try {
            commits.sync();
        } catch (IOException e) {
            LOG.error("the disk failed; the store takes no more writes", e);
        }
    }

    /// Returns when no sync is under way any more.
    void stop() {
        repetition.stop();
    }
}
