package io.caskade.bitcask.embedded;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Options;
import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.WriteBatch;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.embedded.CheckedBatch.Outcome;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.merge.MaintenanceTask;
import io.caskade.bitcask.store.merge.PutThrottle;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Turns the writes of many threads into those of the store's one writer, the holder of the [WriterLock].
///
/// With [Durability#SYNC] writes are committed in groups ([GroupCommit]) that share a sync. With any other
/// durability a write costs less than waiting for a group, so each thread commits its own.
///
/// Thread-safe. Waits are not interruptible: an interrupt would close the log's files for all threads.
public final class WriteQueue {

    /// With a relaxed durability the log time is logged only this often.
    private static final long MARK_INTERVAL_MILLIS = 100;

    /// Shorter delays than this are added up: to sleep takes longer.
    private static final long MIN_DELAY_NANOS = 100_000;

    /// How long it takes at most to notice that there is nothing to wait for any more.
    private static final long DELAY_STEP_NANOS = 5_000_000;

    /// A library has a single leader, itself.
    private static final int FIRST_EPOCH = 1;

    private final Store store;
    private final DiskReserve reserve;
    private final Options options;
    private final PutThrottle throttle;

    /// Is told when a segment was sealed; set before the first write.
    private Runnable onSegmentSealed = () -> {};

    /// The log's own, which is not the first one when the log was salvaged, or is a copy of a node's.
    private final int epoch;

    private final WriterLock lock = new WriterLock();
    private final Condition synced = lock.newCondition();
    private final @Nullable GroupCommit groups;

    // Guarded by the lock.
    private final BatchEncoder encoder = new BatchEncoder();
    private long markedAt = Long.MIN_VALUE;
    private long sealedCount;
    private int syncsUnderWay;
    private boolean closed;

    /// Creates the queue of a store.
    public WriteQueue(Store store, DiskReserve reserve, Options options, PutThrottle throttle) {
        this.store = store;
        this.throttle = throttle;
        this.reserve = reserve;
        this.options = options;
        this.epoch = Math.max(FIRST_EPOCH, store.epochs().latest());
        this.groups = options.durability() == Durability.SYNC
                ? new GroupCommit(store, epoch, reserve, options.clock(), lock, this::noteSealed)
                : null;
    }

    /// Sets the value of a key, and returns when it is visible and as durable as configured.
    ///
    /// @throws io.caskade.bitcask.DiskFullException when only the disk's reserve is left
    /// @throws io.caskade.bitcask.KeydirFullException when the key is new and the keydir has no room for it
    public void put(byte[] key, byte[] value, long expiresAt) throws IOException {
        awaitMerges(RecordFormat.length(key.length, value.length));
        if (groups != null) {
            groups.put(key, value, expiresAt);
            return;
        }
        lockOpen();
        try {
            store.requireKeydirRoom(key);
            reserve.require(RecordFormat.length(key.length, value.length), 0);
            begin();
            encoder.put(key, value, expiresAt);
            commit();
        } finally {
            lock.unlock();
        }
    }

    /// Writes a batch with the guarantees of [#put], if its checks hold.
    ///
    /// @return whether they did
    public boolean write(WriteBatch batch) throws IOException {
        long putBytes = CheckedBatch.putBytes(batch);
        if (putBytes > 0) {
            awaitMerges(putBytes);
        }
        Outcome outcome = Outcome.CHANGED;
        while (outcome == Outcome.CHANGED) {
            outcome = writeOnce(new CheckedBatch(batch, store, options.clock().millis()));
        }
        return outcome == Outcome.HOLDS;
    }

    private Outcome writeOnce(CheckedBatch batch) throws IOException {
        if (batch.hasUnloggedExpiry(store.logTime())) {
            mark(options.clock().millis());
        }
        return groups == null ? writeAlone(batch) : groups.write(batch);
    }

    private Outcome writeAlone(CheckedBatch batch) throws IOException {
        lockOpen();
        try {
            Outcome outcome = batch.outcome(store, null);
            if (outcome == Outcome.HOLDS) {
                batch.requireRoom(store, reserve, 0);
                begin();
                batch.encode(encoder);
                commit();
            }
            return outcome;
        } finally {
            lock.unlock();
        }
    }

    /// Puts off a put while merges cannot keep up: not under the lock, which merges need too.
    private void awaitMerges(long bytes) {
        long delay = throttle.admit(bytes);
        if (delay < MIN_DELAY_NANOS) {
            return;
        }
        long until = System.nanoTime() + delay;
        boolean interrupted = false;
        long left = delay;
        while (left > 0 && !throttle.isOver()) {
            LockSupport.parkNanos(this, Math.min(left, DELAY_STEP_NANOS));
            interrupted |= Thread.interrupted();
            left = until - System.nanoTime();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Sets what is told, on the writer, when a segment was sealed.
    public void onSegmentSealed(Runnable listener) {
        exclusively(() -> onSegmentSealed = listener);
    }

    /// Called by the writer after an append.
    private void noteSealed() {
        if (store.sealedCount() != sealedCount) {
            sealedCount = store.sealedCount();
            onSegmentSealed.run();
        }
    }

    /// Removes a key, with the guarantees of [#put]. Never put off: it makes room.
    public void remove(byte[] key) throws IOException {
        if (groups != null) {
            groups.remove(key);
            return;
        }
        lockOpen();
        try {
            begin();
            encoder.tombstone(key);
            commit();
        } finally {
            lock.unlock();
        }
    }

    /// Raises the log time to at least `time`.
    public void mark(long time) throws IOException {
        if (groups != null) {
            groups.mark(time);
            return;
        }
        lockOpen();
        try {
            if (time > store.logTime()) {
                encoder.start(epoch, store.end() + 1);
                mark(options.clock().millis(), time);
                commit();
            }
        } finally {
            lock.unlock();
        }
    }

    private void lockOpen() {
        lock.lock();
        if (closed) {
            lock.unlock();
            throw new StoreClosedException("the store");
        }
    }

    private void begin() {
        encoder.start(epoch, store.end() + 1);
        long now = options.clock().millis();
        if (now - MARK_INTERVAL_MILLIS >= markedAt) {
            mark(now, now);
        }
    }

    private void mark(long now, long least) {
        markedAt = now;
        long time = Math.max(Math.max(now, least), store.logTime());
        encoder.mark(time, Math.min(store.highWatermark(), store.durableEnd()));
    }

    private void commit() throws IOException {
        encoder.endBatch();
        boolean known = false;
        try {
            store.append(encoder.group());
            store.commit(store.end());
            noteSealed();
            known = true;
        } catch (IOException e) {
            known = true;
            throw new IOException(e.getMessage(), e);
        } finally {
            if (!known) {
                store.fence(new IOException("a write failed midway; the state of the log is unknown"));
            }
        }
    }

    /// Returns when everything written before is synced. Others may write meanwhile.
    public void sync() throws IOException {
        Sync sync = beginSync();
        boolean done = false;
        try {
            sync.run();
            done = true;
        } catch (IOException e) {
            throw new IOException(e.getMessage(), fence(e));
        } finally {
            if (!done) {
                fence(new IOException("a sync broke off"));
            }
            endSync(sync);
        }
    }

    private Sync beginSync() throws IOException {
        lockOpen();
        try {
            Sync sync = store.beginSync();
            syncsUnderWay++;
            return sync;
        } finally {
            lock.unlock();
        }
    }

    /// A sync that failed has fenced the store, and does not count.
    private void endSync(Sync sync) {
        lock.lockBehindOthers();
        try {
            store.endSync(sync);
            syncsUnderWay--;
            synced.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Refuses everything from now on, and returns when the writes in progress are done.
    public void close() {
        if (groups != null) {
            groups.close();
        }
        lock.lock();
        try {
            closed = true;
            while (syncsUnderWay > 0) {
                synced.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private IOException fence(IOException cause) {
        return exclusively(() -> store.fence(cause));
    }

    /// Whether the store is fenced after a disk failure.
    boolean isFenced() {
        return store.isFenced();
    }

    /// Runs a short action as the store's writer.
    <T> T exclusively(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    /// Runs a step that may fail as the store's writer, after all waiting writes.
    ///
    /// @throws StoreClosedException when it was closed
    public void step(MaintenanceTask.Step step) throws IOException {
        lock.lockBehindOthers();
        try {
            if (closed) {
                throw new StoreClosedException("the store");
            }
            step.run();
        } finally {
            lock.unlock();
        }
    }
}
