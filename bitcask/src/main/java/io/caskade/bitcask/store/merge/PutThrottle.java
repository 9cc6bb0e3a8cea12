package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.store.SpaceUse;
import io.caskade.bitcask.store.Store;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells how long puts have to wait while merges cannot keep up with them, so that a store keeps the bound of
/// its space ([SpaceUse]): the nearer it is to the bound, the fewer bytes a second it admits.
///
/// It says so in the log once, when puts become noticeably slow, and once when it is over. Thread-safe; while
/// there is nothing to wait for it costs a few reads of memory.
public final class PutThrottle {

    private static final Logger LOG = LoggerFactory.getLogger(PutThrottle.class);

    /// No put waits longer than this, or for more than this on behalf of its own bytes.
    public static final long MAX_DELAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// What is admitted at the bound. Halfway to it, it is eight times as much: the cube makes the beginning
    /// unnoticeable and the end steep.
    private static final double BYTES_PER_SECOND_AT_BOUND = 1 << 20;

    /// From here on, a quarter of the way to the bound, puts are noticeably slow.
    private static final double NOTICEABLE = 0.25;

    private static final double NANOS_PER_SECOND = 1e9;

    private final Store store;
    private final String name;
    private final BooleanSupplier merging;
    private final LongSupplier nanoTime;

    // Guarded by this object's lock.
    private long nextAllowedNanos;
    private long delayedNanos;

    private volatile boolean slowing;

    /// The throttle of a store.
    ///
    /// @param name the store's name in log lines
    /// @param merging whether merges run at all: otherwise waiting for them would be in vain
    /// @param nanoTime a monotonic clock
    public PutThrottle(Store store, String name, BooleanSupplier merging, LongSupplier nanoTime) {
        this.store = store;
        this.name = name;
        this.merging = merging;
        this.nanoTime = nanoTime;
        this.nextAllowedNanos = nanoTime.getAsLong();
    }

    /// Counts a put of so many bytes.
    ///
    /// @return how long it has to wait, after all that were counted before, mostly 0
    public long admit(long bytes) {
        // Asked on its own, so that a put that need not wait allocates nothing.
        if (!isOver()) {
            return delay(bytes);
        }
        if (slowing) {
            end();
        }
        return 0;
    }

    private synchronized long delay(long bytes) {
        SpaceUse space = store.space();
        double overshoot = Math.max(0, space.overshoot());
        if (!slowing && overshoot >= NOTICEABLE) {
            slowing = true;
            LOG.warn(
                    "{}: merges cannot keep up with puts, which are slowed now: the store takes {} bytes for {} live"
                            + " ones, and at most {}; write less, or give it a faster disk or more processor time",
                    name,
                    space.takenBytes(),
                    space.liveBytes(),
                    space.boundBytes());
        }
        long now = nanoTime.getAsLong();
        double rate = BYTES_PER_SECOND_AT_BOUND / (overshoot * overshoot * overshoot);
        long cost = (long) Math.min((double) MAX_DELAY_NANOS, bytes * NANOS_PER_SECOND / rate);
        nextAllowedNanos = Math.max(nextAllowedNanos, now) + cost;
        delayedNanos += cost;
        return Math.min(MAX_DELAY_NANOS, nextAllowedNanos - now);
    }

    private synchronized void end() {
        if (slowing) {
            slowing = false;
            SpaceUse space = store.space();
            LOG.info(
                    "{}: puts are not slowed any more: the store takes {} bytes for {} live ones",
                    name,
                    space.takenBytes(),
                    space.liveBytes());
        }
    }

    /// Whether puts wait as long as they are told to at most because of those that were counted before.
    public synchronized boolean isBehind() {
        return nextAllowedNanos - nanoTime.getAsLong() >= MAX_DELAY_NANOS && !isOver();
    }

    /// Whether there is nothing to wait for any more.
    public boolean isOver() {
        return store.space().overshoot() <= 0 || !merging.getAsBoolean();
    }

    /// Whether puts are noticeably slow.
    public boolean isSlowing() {
        return slowing && !isOver();
    }

    /// How long puts have had to wait in all.
    public synchronized long delayedNanos() {
        return delayedNanos;
    }
}
