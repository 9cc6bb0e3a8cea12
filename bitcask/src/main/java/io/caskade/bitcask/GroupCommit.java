package io.caskade.bitcask;

import io.caskade.bitcask.log.BatchEncoder;
import io.caskade.bitcask.log.Durability;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.store.Merge;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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

    /// A group that has reached this size takes no more writes: they wait for the next. So a group fits into
    /// memory and into one segment, give or take one value.
    static final int FULL_GROUP_BYTES = 8 << 20;

    /// One record to be written; a value of null removes the key.
    record Write(byte[] key, byte @Nullable [] value, long expiresAt) {
        int size() {
            return RecordFormat.HEADER_BYTES + key.length + (value == null ? 0 : value.length);
        }
    }

    private static final class Group {
        final List<Write> writes = new ArrayList<>();
        long bytes;

        /// The least time a MARK must name; 0 when none is wanted.
        long markTime;

        boolean wantsSync;
        boolean done;

        @Nullable
        Throwable failure;
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
        await(write, 0, false);
    }

    /// Makes the log's time `time` or later.
    void mark(long time) throws IOException {
        await(null, time, false);
    }

    /// Returns when everything written before is synced.
    void sync() throws IOException {
        await(null, 0, true);
    }

    /// Whether all further writes are refused, because the disk failed.
    boolean isFenced() {
        return store.isFenced();
    }

    /// Does something with the store as its writer, between two group commits. It should be short.
    <T> T exclusively(Supplier<T> action) {
        lock.lock();
        try {
            while (committing) {
                groupDone.awaitUninterruptibly();
            }
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    /// Does something that may fail with the store as its writer, between two group commits.
    void step(Merge.Step step) throws IOException {
        lock.lock();
        try {
            while (committing) {
                groupDone.awaitUninterruptibly();
            }
            step.run();
        } finally {
            lock.unlock();
        }
    }

    private void await(@Nullable Write write, long markTime, boolean sync) throws IOException {
        lock.lock();
        try {
            commitUntil(() -> open.bytes < FULL_GROUP_BYTES);
            Group group = open;
            if (write != null) {
                group.writes.add(write);
                group.bytes += write.size();
            }
            group.markTime = Math.max(group.markTime, markTime);
            group.wantsSync |= sync;
            commitUntil(() -> group.done);
            if (group.failure != null) {
                throw new IOException(group.failure.getMessage(), group.failure);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits, and commits whenever nobody else does, until something holds. Called with the lock held.
    private void commitUntil(BooleanSupplier holds) {
        while (!holds.getAsBoolean()) {
            if (committing) {
                groupDone.awaitUninterruptibly();
            } else {
                commitOpenGroup();
            }
        }
    }

    /// Called with the lock held, and holds it again when it returns. Whatever is thrown, all who wait for
    /// the group must hear of it: they would take silence for success.
    private void commitOpenGroup() {
        Group group = open;
        open = new Group();
        committing = true;
        lock.unlock();
        try {
            commit(group);
        } catch (IOException | RuntimeException | Error e) {
            group.failure = e;
        } finally {
            lock.lock();
            committing = false;
            group.done = true;
            groupDone.signalAll();
        }
    }

    private void commit(Group group) throws IOException {
        encode(group);
        boolean known = false;
        try {
            write(group);
            known = true;
        } catch (IOException e) {
            known = true;
            throw e;
        } finally {
            if (!known) {
                store.fence(new IOException("a group commit broke off and nobody knows how far it came"));
            }
        }
    }

    private void write(Group group) throws IOException {
        if (encoder.size() > 0) {
            store.append(encoder.group());
        }
        if (group.wantsSync || options.durability() == Durability.SYNC) {
            sync(store.beginSync());
        }
        store.commit(store.end());
    }

    private void encode(Group group) {
        long now = options.clock().millis();
        encoder.start(EPOCH, store.end() + 1);
        boolean due = now - MARK_INTERVAL_MILLIS >= markedAt || options.durability() == Durability.SYNC;
        if (group.markTime > store.logTime() || (due && !group.writes.isEmpty())) {
            markedAt = now;
            long time = Math.max(Math.max(now, group.markTime), store.logTime());
            encoder.mark(time, Math.min(store.watermark(), store.durableEnd()));
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
