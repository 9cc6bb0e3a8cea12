package io.caskade.bitcask;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that stands still until it is set.
final class ManualClock implements InstantSource {

    private final AtomicLong millis = new AtomicLong(1_000_000);

    void set(long newMillis) {
        millis.set(newMillis);
    }

    void advance(long by) {
        millis.addAndGet(by);
    }

    @Override
    public long millis() {
        return millis.get();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }
}
