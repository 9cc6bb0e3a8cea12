package io.caskade.bitcask.embedded;

import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.embedded.CheckedBatch.Outcome;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Group commit: writes that must be synced before they are acknowledged share a sync. While one group is
/// synced the next one fills.
///
/// A thread that finds no leader becomes the leader: it waits briefly for the threads of the last group, which
/// are likely to write again, appends and syncs the group, and passes leadership to a member of the next one.
/// The other threads sleep until their group is done.
public final class GroupCommit {

    /// A group of this size accepts no more writes. So a group fits into memory and into one segment, give or
    /// take one value.
    public static final int FULL_GROUP_BYTES = 8 << 20;

    /// A leader's wait is halved after each consecutive timeout.
    private static final int MAX_VAIN = 16;
    private static final int FIRST_MEMBERS = 16;

    private static final class Group {
        /// The threads waiting for the group, without its leader.
        Thread[] waiting = new Thread[FIRST_MEMBERS];

        int waitingCount;
        int members;

        /// The minimum time of its MARK.
        long markTime;

        volatile @Nullable Thread leader;

        @Nullable
        Throwable failure;

        /// Set last.
        volatile boolean done;

        void join(boolean leads) {
            Thread thread = Thread.currentThread();
            members++;
            if (leads) {
                leader = thread;
                return;
            }
            if (waitingCount == waiting.length) {
                waiting = Arrays.copyOf(waiting, 2 * waitingCount);
            }
            waiting[waitingCount++] = thread;
        }

        void promote() {
            Thread next = waiting[--waitingCount];
            leader = next;
            LockSupport.unpark(next);
        }
    }

    private final Store store;
    private final int epoch;
    private final DiskReserve reserve;
    private final InstantSource clock;
    private final WriterLock lock;
    private final Runnable onAppended;
    private final Condition roomInGroup;
    private final Condition drained;

    // Guarded by the lock.
    private final BatchEncoder encoder = new BatchEncoder();
    private Group open = new Group();
    private boolean led;
    private boolean closed;

    /// The number of members the open group is likely to reach soon, and the leader that waits for them.
    private int wanted;

    private @Nullable Thread gathering;

    // Used only by the leader.
    private long syncNanos;
    private long doneAt = System.nanoTime();
    private int vain;

    /// @param onAppended called by the writer after each append
    GroupCommit(
            Store store, int epoch, DiskReserve reserve, InstantSource clock, WriterLock lock, Runnable onAppended) {
        this.store = store;
        this.onAppended = onAppended;
        this.epoch = epoch;
        this.reserve = reserve;
        this.clock = clock;
        this.lock = lock;
        this.roomInGroup = lock.newCondition();
        this.drained = lock.newCondition();
        openGroup();
    }

    /// The MARK's content is set when the group is closed.
    private void openGroup() {
        encoder.start(epoch, store.end() + 1);
        encoder.mark(0, 0);
        open = new Group();
    }

    void put(byte[] key, byte[] value, long expiresAt) throws IOException {
        write(key, value, expiresAt);
    }

    void remove(byte[] key) throws IOException {
        write(key, null, 0);
    }

    private void write(byte[] key, byte @Nullable [] value, long expiresAt) throws IOException {
        Group group;
        lock.lock();
        try {
            while (!closed && encoder.size() >= FULL_GROUP_BYTES) {
                roomInGroup.awaitUninterruptibly();
            }
            requireOpen();
            if (value == null) {
                encoder.tombstone(key);
            } else {
                store.requireKeydirRoom(key);
                reserve.require(RecordFormat.length(key.length, value.length), encoder.size());
                encoder.put(key, value, expiresAt);
            }
            encoder.endBatch();
            group = join(0);
        } finally {
            lock.unlock();
        }
        await(group);
    }

    /// Writes a batch, if its checks hold. One that fails because of records that are not committed yet waits
    /// until they are: they could still be lost.
    Outcome write(CheckedBatch batch) throws IOException {
        Group group;
        Outcome outcome;
        lock.lock();
        try {
            while (!closed && encoder.size() >= FULL_GROUP_BYTES) {
                roomInGroup.awaitUninterruptibly();
            }
            requireOpen();
            outcome = batch.outcome(store, encoder);
            if (outcome == Outcome.FAILS || outcome == Outcome.CHANGED) {
                return outcome;
            }
            if (outcome == Outcome.HOLDS) {
                batch.requireRoom(store, reserve, encoder.size());
                batch.encode(encoder);
            }
            group = join(0);
        } finally {
            lock.unlock();
        }
        await(group);
        return outcome;
    }

    /// Raises the log time to at least `time`.
    void mark(long time) throws IOException {
        Group group;
        lock.lock();
        try {
            requireOpen();
            if (time <= store.logTime()) {
                return;
            }
            group = join(time);
        } finally {
            lock.unlock();
        }
        await(group);
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreClosedException("the store");
        }
    }

    /// Refuses all further writes, and returns when those in the groups are done.
    void close() {
        lock.lock();
        try {
            closed = true;
            roomInGroup.signalAll();
            while (led) {
                drained.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private Group join(long markTime) {
        Group group = open;
        group.markTime = Math.max(group.markTime, markTime);
        group.join(!led);
        led = true;
        if (gathering != null && isGathered(group)) {
            LockSupport.unpark(gathering);
        }
        return group;
    }

    private boolean isGathered(Group group) {
        return group.members >= wanted || encoder.size() >= FULL_GROUP_BYTES;
    }

    private void await(Group group) throws IOException {
        boolean interrupted = false;
        while (!group.done) {
            if (Thread.currentThread().equals(group.leader)) {
                lead(group);
            } else {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Throwable failure = group.failure;
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    /// Any failure must reach all members of the group: they would take silence for success.
    private void lead(Group group) {
        try {
            gather(group);
            commit(group);
        } catch (IOException | RuntimeException | Error e) {
            group.failure = e;
        } finally {
            finish(group);
        }
    }

    /// Waits for the threads whose group was just synced, for as long as that sync took. Without this, two
    /// half-size groups would alternate forever.
    private void gather(Group group) {
        long deadline = doneAt + (syncNanos >> vain);
        boolean interrupted = false;
        boolean gathered = false;
        while (!gathered) {
            lock.lock();
            try {
                gathered = isGathered(group);
                gathering = gathered ? null : Thread.currentThread();
            } finally {
                lock.unlock();
            }
            long left = deadline - System.nanoTime();
            if (gathered) {
                vain = 0;
            } else if (left <= 0) {
                vain = Math.min(vain + 1, MAX_VAIN);
                gathered = true;
            } else {
                LockSupport.parkNanos(this, left);
                interrupted |= Thread.interrupted();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void commit(Group group) throws IOException {
        Sync sync = append(group);
        boolean known = false;
        try {
            long before = System.nanoTime();
            sync.run();
            syncNanos = System.nanoTime() - before;
            show(sync);
            known = true;
        } catch (IOException e) {
            known = true;
            throw fence(e);
        } finally {
            if (!known) {
                fence(new IOException("a group commit failed midway; the state of the log is unknown"));
            }
        }
    }

    /// Closes the group. Its MARK carries the highest sequence that is both committed and synced.
    private Sync append(Group group) throws IOException {
        lock.lock();
        try {
            long time = Math.max(Math.max(clock.millis(), group.markTime), store.logTime());
            encoder.rewriteMark(time, Math.min(store.highWatermark(), store.durableEnd()));
            store.append(encoder.group());
            onAppended.run();
            return store.beginSync();
        } finally {
            gathering = null;
            openGroup();
            roomInGroup.signalAll();
            lock.unlock();
        }
    }

    private void show(Sync sync) {
        lock.lock();
        try {
            store.endSync(sync);
            store.commit(sync.sequence());
        } finally {
            lock.unlock();
        }
    }

    private IOException fence(IOException cause) {
        lock.lock();
        try {
            return store.fence(cause);
        } finally {
            lock.unlock();
        }
    }

    private void finish(Group group) {
        doneAt = System.nanoTime();
        lock.lock();
        try {
            wanted = group.members + open.members;
            led = open.members > 0;
            if (led) {
                open.promote();
            } else {
                drained.signalAll();
            }
        } finally {
            lock.unlock();
        }
        group.done = true;
        for (int i = 0; i < group.waitingCount; i++) {
            LockSupport.unpark(group.waiting[i]);
        }
    }
}
