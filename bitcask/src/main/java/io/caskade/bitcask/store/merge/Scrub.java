package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.ScrubReport;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.LogScrub;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Verifies all sealed segments of an open store, round by round, so that damage is found while it can be
/// repaired. Findings are logged every time and kept for the report.
///
/// The store stays available: every read verifies its record, so damage is never served, and refusing writes
/// because of a decayed old record would make the intact rest of a sole copy unavailable.
///
/// One thread at a time runs rounds; the report is thread-safe.
public final class Scrub {

    private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);

    private static final int MAX_KEPT = 100;

    private final Store store;
    private final String name;
    private final MaintenanceTask.WriterExecutor writer;

    /// Set on the writer's thread for the thread that runs a round.
    private @Nullable LogScrub begun;

    // Guarded by this object's lock.
    private final List<DamagedLogException> damage = new ArrayList<>();
    private long rounds;
    private long segments;
    private long damagedSegments;

    /// Creates the scrub of a store.
    ///
    /// @param name the store's name in log lines
    public Scrub(Store store, String name, MaintenanceTask.WriterExecutor writer) {
        this.store = store;
        this.name = name;
        this.writer = writer;
    }

    /// The findings so far.
    public synchronized ScrubReport report() {
        return new ScrubReport(rounds, segments, damagedSegments, damage);
    }

    /// Reads all sealed segments once, or until the pacer cancels it. Blocks.
    public void round(LogMerge.Pacer pacer) {
        try {
            for (LogScrub next = next(0); next != null; next = next(next.last())) {
                scrub(next, pacer);
            }
            synchronized (this) {
                rounds++;
            }
        } catch (CancellationException e) {
            LOG.debug("{}: a scrub was canceled", name, e);
        } catch (IOException e) {
            LOG.warn("{}: a scrub failed; the next round starts over", name, e);
        }
    }

    private @Nullable LogScrub next(long after) throws IOException {
        writer.run(() -> begun = store.maintenance().nextScrub(after).orElse(null));
        return begun;
    }

    private void scrub(LogScrub scrub, LogMerge.Pacer pacer) {
        try {
            scrub.run(pacer);
            count();
        } catch (DamagedLogException e) {
            LOG.error("{}: a scrub found damage; damaged records are not served: {}", name, e.getMessage());
            count();
            keep(e);
        } catch (IOException e) {
            LOG.warn("{}: a scrub cannot read a segment; the next round tries again", name, e);
        }
    }

    private synchronized void count() {
        segments++;
    }

    private synchronized void keep(DamagedLogException found) {
        damagedSegments++;
        if (damage.size() < MAX_KEPT) {
            damage.add(found);
        }
    }
}
