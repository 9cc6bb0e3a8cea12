package io.caskade.bitcask;

import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.log.BatchEncoder;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The group commits of a store that syncs each write before it acknowledges it: while one group is synced the next
/// one fills, and one sync serves all of a group.
///
/// The thread that finds nobody leading leads: it waits a little for those who wrote last, who are likely to write
/// again, appends what has come together, syncs it, and hands the lead to one of those who came meanwhile. All
/// others are left alone until their own group is done.
final class SyncedGroups {

    /// A group that has reached this size takes no more writes: they wait for the next. So a group fits into
    /// memory and into one segment, give or take one value.
    static final int FULL_GROUP_BYTES = 8 << 20;

    /// A leader's patience is halved for each time running that it was in vain.
    private static final int MAX_VAIN = 16;
    private static final int FIRST_MEMBERS = 16;

    private static final class Group {
        /// Those who wait for the group to be done; the leader is not among them.
        Thread[] waiting = new Thread[FIRST_MEMBERS];

        int waitingCount;
        int members;

        /// The least time its MARK must name.
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
    private final DiskReserve reserve;
    private final InstantSource clock;
    private final WriterLock lock;
    private final Condition roomInGroup;

    // Guarded by the lock.
    private final BatchEncoder encoder = new BatchEncoder();
    private Group open = new Group();
    private boolean led;

    /// With how many members the open group is as large as it is likely to become soon; the leader who waits for them.
    private int wanted;

    private @Nullable Thread gathering;

    // Used by the leader alone.
    private long syncNanos;
    private long doneAt = System.nanoTime();
    private int vain;

    SyncedGroups(Store store, DiskReserve reserve, InstantSource clock, WriterLock lock) {
        this.store = store;
        this.reserve = reserve;
        this.clock = clock;
        this.lock = lock;
        this.roomInGroup = lock.newCondition();
        openGroup();
    }

    /// What the MARK says is settled when the group is closed.
    private void openGroup() {
        encoder.start(GroupCommit.EPOCH, store.end() + 1);
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
            while (encoder.size() >= FULL_GROUP_BYTES) {
                roomInGroup.awaitUninterruptibly();
            }
            if (value == null) {
                encoder.tombstone(key);
            } else {
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

    /// Makes the log's time `time` or later.
    void mark(long time) throws IOException {
        Group group;
        lock.lock();
        try {
            if (time <= store.logTime()) {
                return;
            }
            group = join(time);
        } finally {
            lock.unlock();
        }
        await(group);
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

    /// Whatever is thrown, all who wait for the group must hear of it: they would take silence for success.
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

    /// Waits for those whose group was just synced and who are on their way back, until as long after that sync as it
    /// took; were they missed, two halves would take turns for ever.
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
                fence(new IOException("a group commit broke off and nobody knows how far it came"));
            }
        }
    }

    /// Closes the group, whatever becomes of it. A MARK names the least that is both committed and synced.
    private Sync append(Group group) throws IOException {
        lock.lock();
        try {
            long time = Math.max(Math.max(clock.millis(), group.markTime), store.logTime());
            encoder.settleMark(time, Math.min(store.watermark(), store.durableEnd()));
            store.append(encoder.group());
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
