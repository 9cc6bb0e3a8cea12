package io.caskade.bitcask.embedded;

import io.caskade.bitcask.record.LogClock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The time by which an embedded store judges expiry: its [LogClock], on the clocks of the machine.
///
/// A clock that the program supplies has no monotonic one beside it. What it goes forward counts as such.
///
/// Thread-safe.
public final class StoreClock implements InstantSource {

    private static final Logger LOG = LoggerFactory.getLogger(StoreClock.class);

    private final InstantSource wall;
    private final LongSupplier logTime;
    private final LogClock clock;
    private final boolean ofSystem;

    /// The newest reading. Within a millisecond it is the answer: gets and puts need not read another clock.
    private volatile Reading newest = new Reading(Long.MIN_VALUE, Long.MIN_VALUE);

    // Guarded by this object's lock; of a clock that was supplied.
    private long newestWall;
    private long forward;

    /// What the clock told.
    ///
    /// @param wall the wall clock's time
    /// @param time the answer
    private record Reading(long wall, long time) {}

    /// A clock for a store.
    ///
    /// @param name of the store, for the log
    /// @param logTime the store's log time
    public StoreClock(String name, InstantSource wall, LongSupplier logTime) {
        this.wall = wall;
        this.logTime = logTime;
        this.ofSystem = wall.equals(InstantSource.system());
        this.clock = new LogClock(what -> LOG.error("{}: {}", name, what));
        this.newestWall = wall.millis();
    }

    @Override
    public long millis() {
        long now = wall.millis();
        Reading last = newest;
        long log = logTime.getAsLong();
        if (last.wall() == now && last.time() >= log) {
            return last.time();
        }
        long time = clock.at(now, monotonic(now), log);
        newest = new Reading(now, time);
        return time;
    }

    private long monotonic(long now) {
        return ofSystem ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) : goForward(now);
    }

    private synchronized long goForward(long now) {
        forward += Math.max(0, now - newestWall);
        newestWall = now;
        return forward;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }
}
