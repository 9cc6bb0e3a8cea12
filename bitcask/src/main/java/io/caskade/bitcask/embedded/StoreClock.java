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

    // Guarded by this object's lock; of a clock that was supplied.
    private long newestWall;
    private long forward;

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
        return clock.at(now, monotonic(now), logTime.getAsLong());
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
