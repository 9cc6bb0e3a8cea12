package io.caskade.bitcask;

import io.caskade.bitcask.log.HintTask;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does, on a thread of its own, what a store needs done beside its writes: the hints of full segments. Asks
/// for it between two group commits, which wait no longer than it takes to ask.
final class Housekeeping {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private static final long INTERVAL_MILLIS = 500;

    private final Store store;
    private final GroupCommit commits;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    private Housekeeping(Store store, GroupCommit commits) {
        this.store = store;
        this.commits = commits;
        this.thread = Thread.ofPlatform().name("bitcask-housekeeping").daemon().unstarted(this::run);
    }

    static Housekeeping start(Store store, GroupCommit commits) {
        Housekeeping housekeeping = new Housekeeping(store, commits);
        housekeeping.thread.start();
        return housekeeping;
    }

    private void run() {
        try {
            while (!stopping.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                writeHints();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeHints() {
        Optional<HintTask> task = commits.exclusively(store::nextHint);
        while (task.isPresent()) {
            try {
                task.get().run();
            } catch (IOException | RuntimeException e) {
                LOG.warn("a segment has no hint: opening will take longer", e);
            }
            task = stopping.getCount() == 0 ? Optional.empty() : commits.exclusively(store::nextHint);
        }
    }

    /// Returns when nothing is under way any more.
    void stop() {
        stopping.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
