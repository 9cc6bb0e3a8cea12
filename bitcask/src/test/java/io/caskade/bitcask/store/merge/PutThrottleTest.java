package io.caskade.bitcask.store.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOnDisk;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How long puts are put off when merges cannot keep up.
final class PutThrottleTest {

    private static final long SEGMENT = 4_000;
    private static final int PUT = 10_000;

    private final FaultyDisk disk = new FaultyDisk(1);
    private final BatchEncoder encoder = new BatchEncoder();
    private Store store;
    private PutThrottle throttle;
    private boolean merging = true;
    private long nanos;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(disk, StoreOnDisk.DIRECTORY, StoreOnDisk.options(Durability.NONE, "boot-1", SEGMENT));
        throttle = new PutThrottle(store, "test", () -> merging, () -> nanos);
        for (int i = 0; i < 100; i++) {
            put(i);
        }
    }

    @Test
    void nothingIsDelayedWhileMergesKeepUp() throws IOException {
        for (int i = 0; store.space().overshoot() <= 0; i++) {
            assertThat(throttle.admit(PUT)).isZero();
            put(i % 100);
        }
        assertThat(store.space().takenBytes()).isGreaterThan(store.space().liveBytes() * 7 / 4);
        assertThat(throttle.delayedNanos()).isZero();
    }

    /// Twice the overshoot, an eighth of the pace.
    @Test
    void delaysRiseSmoothlyWithTheOvershoot() throws IOException {
        overshoot(0.1);
        long first = delay();
        overshoot(0.2);
        long second = delay();
        overshoot(0.4);
        long third = delay();
        overshoot(0.8);
        long fourth = delay();
        assertThat(first).isBetween(1L, TimeUnit.MICROSECONDS.toNanos(50));
        assertThat((double) second / first).isBetween(5.0, 11.0);
        assertThat((double) third / second).isBetween(5.0, 11.0);
        assertThat((double) fourth / third).isBetween(5.0, 11.0);
        overshoot(20);
        assertThat(delay()).isEqualTo(PutThrottle.MAX_DELAY_NANOS);
    }

    @Test
    void putsShareThePaceHoweverManyThereAre() throws IOException {
        overshoot(1);
        long one = delay();
        nanos += TimeUnit.SECONDS.toNanos(10);
        long last = 0;
        for (int i = 0; i < 10; i++) {
            last = throttle.admit(PUT);
        }
        assertThat(last).isBetween(one * 10 - 10, one * 10 + 10);
        assertThat(throttle.isBehind()).isFalse();
        for (int i = 0; i < 200; i++) {
            throttle.admit(PUT);
        }
        assertThat(throttle.isBehind()).as("whether more would wait too long").isTrue();
        nanos += TimeUnit.SECONDS.toNanos(10);
        assertThat(throttle.isBehind()).isFalse();
    }

    @Test
    void whenMergesDoNotRunNothingWaitsForThem() throws IOException {
        overshoot(1);
        merging = false;
        assertThat(throttle.admit(PUT)).isZero();
        assertThat(throttle.isOver()).isTrue();
    }

    @Test
    void itIsSlowingFromANoticeableDelayUntilMergesHaveCaughtUp() throws IOException {
        overshoot(0.1);
        delay();
        assertThat(throttle.isSlowing()).isFalse();
        overshoot(0.5);
        delay();
        assertThat(throttle.isSlowing()).isTrue();
        new MergeRunner(
                        store,
                        0.25,
                        SEGMENT,
                        new MergeRunner.Dependencies(
                                "test", MaintenanceTask.Step::run, () -> Long.MAX_VALUE, () -> nanos, failure -> {}))
                .mergeAutomatically(bytes -> {});
        assertThat(throttle.isSlowing()).isFalse();
        assertThat(throttle.admit(PUT)).isZero();
    }

    private long delay() {
        nanos += TimeUnit.SECONDS.toNanos(10);
        return throttle.admit(PUT);
    }

    /// Writes until the store has come that far on the way to its bound.
    private void overshoot(double least) throws IOException {
        for (int i = 0; store.space().overshoot() < least; i++) {
            put(i % 100);
        }
    }

    private void put(int key) throws IOException {
        encoder.start(1, store.end() + 1);
        encoder.put(StoreOnDisk.bytes("key" + key), new byte[100], 0);
        encoder.endBatch();
        store.append(encoder.group());
        store.commit(store.end());
    }
}
