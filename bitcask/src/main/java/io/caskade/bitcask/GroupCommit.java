package io.caskade.bitcask;

import io.caskade.bitcask.log.BatchEncoder;
import io.caskade.bitcask.log.Durability;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Turns the writes of many threads into group commits: while one group is written and synced the next one
/// fills, and one sync serves all of a group.
///
/// The thread that finds nobody committing commits for all who wait; when its own group is done, one of the
/// waiting takes over. Safe for use by any number of threads. Threads wait without heeding interrupts: an
/// interrupt would close the log's files for everyone.
final class GroupCommit {

    /// With a relaxed durability the log's time is written down only this often.
    private static final long MARK_INTERVAL_MILLIS = 100;

    /// A library has one leader, itself, for ever.
    private static final int EPOCH = 1;

    /// One record to be written; a value of null removes the key.
    record Write(byte[] key, byte @Nullable [] value, long expiresAt) {}

    private static final class Group {
        final List<Write> writes = new ArrayList<>();
        boolean wantsMark;
        boolean wantsSync;
        boolean done;

        @Nullable
        IOException failure;
    }

    private final Store store;
    private final Options options;
    private final BatchEncoder encoder = new BatchEncoder();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition groupDone = lock.newCondition();

    // Guarded by the lock.
    private Group open = new Group();
    private boolean committing;

    /// Used by the committing thread alone.
    private long markedAt = Long.MIN_VALUE;

    GroupCommit(Store store, Options options) {
        this.store = store;
        this.options = options;
    }

    /// Writes one record and returns when it is as durable as the options say, and visible.
    void write(Write write) throws IOException {
        await(write, false, false);
    }

    /// Makes the log's time the clock's.
    void mark() throws IOException {
        await(null, true, false);
    }

    /// Returns when everything written before is synced.
    void sync() throws IOException {
        await(null, false, true);
    }

    private void await(@Nullable Write write, boolean mark, boolean sync) throws IOException {
        lock.lock();
        try {
            Group group = open;
            if (write != null) {
                group.writes.add(write);
            }
            group.wantsMark |= mark;
            group.wantsSync |= sync;
            while (!group.done) {
                if (committing) {
                    groupDone.awaitUninterruptibly();
                } else {
                    commitOpenGroup();
                }
            }
            if (group.failure != null) {
                throw new IOException(group.failure.getMessage(), group.failure);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Called with the lock held, and holds it again when it returns.
    private void commitOpenGroup() {
        Group group = open;
        open = new Group();
        committing = true;
        lock.unlock();
        IOException failure = null;
        try {
            commit(group);
        } catch (IOException e) {
            failure = e;
        } finally {
            lock.lock();
            committing = false;
            group.failure = failure;
            group.done = true;
            groupDone.signalAll();
        }
    }

    private void commit(Group group) throws IOException {
        boolean syncing = group.wantsSync || options.durability() == Durability.SYNC;
        encode(group);
        if (encoder.size() > 0) {
            store.append(encoder.group());
        }
        if (syncing) {
            sync(store.beginSync());
        }
        store.commit(store.end());
    }

    private void encode(Group group) {
        long now = options.clock().millis();
        encoder.start(EPOCH, store.end() + 1);
        boolean due = now - MARK_INTERVAL_MILLIS >= markedAt || options.durability() == Durability.SYNC;
        if (group.wantsMark || (due && !group.writes.isEmpty())) {
            markedAt = now;
            encoder.mark(Math.max(now, store.logTime()), Math.min(store.watermark(), store.durableEnd()));
        }
        for (Write write : group.writes) {
            byte[] value = write.value();
            if (value == null) {
                encoder.tombstone(write.key());
            } else {
                encoder.put(write.key(), value, write.expiresAt());
            }
            encoder.endBatch();
        }
    }

    private void sync(Sync sync) throws IOException {
        try {
            sync.run();
        } catch (IOException e) {
            throw store.fence(e);
        }
        store.endSync(sync);
    }
}
