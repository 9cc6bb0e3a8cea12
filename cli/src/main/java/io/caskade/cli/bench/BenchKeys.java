package io.caskade.cli.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.CaskadeException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// The keys of a run: they begin with a prefix of their own, so that they meet no others, and can be removed.
final class BenchKeys {

    private static final String PREFIX = "caskade-bench/";
    private static final int AT_A_TIME = 256;

    private final AsyncCaskadeClient client;
    private final String prefix;
    private final int count;

    BenchKeys(AsyncCaskadeClient client, int count) {
        this.client = client;
        this.prefix =
                PREFIX + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()) + "/";
        this.count = count;
    }

    /// What all of them begin with.
    String prefix() {
        return prefix;
    }

    byte[] random() {
        return key(ThreadLocalRandom.current().nextInt(count));
    }

    private byte[] key(int number) {
        return (prefix + number).getBytes(US_ASCII);
    }

    /// Writes each of them; throws [CaskadeException] when that fails.
    void fill(byte[] value) throws InterruptedException {
        Ending ending = forAll(number -> client.put(key(number), value), Duration.ofDays(1));
        if (ending.failure != null) {
            throw ending.failure;
        }
    }

    /// Removes all of them.
    ///
    /// @return whether all were removed in time
    boolean remove(Duration time) throws InterruptedException {
        Ending ending = forAll(number -> client.delete(key(number)), time);
        return ending.inTime && ending.failure == null;
    }

    /// @param failure why one operation failed; null when none did
    private record Ending(boolean inTime, @Nullable CaskadeException failure) {}

    /// Does something with all keys, some at a time, until one fails.
    private Ending forAll(IntFunction<CompletableFuture<?>> operation, Duration time) throws InterruptedException {
        Semaphore free = new Semaphore(AT_A_TIME);
        AtomicReference<@Nullable CaskadeException> failure = new AtomicReference<>();
        long end = System.nanoTime() + time.toNanos();
        boolean inTime = true;
        for (int number = 0; number < count && inTime && failure.get() == null; number++) {
            inTime = acquire(free, 1, end);
            if (inTime) {
                var _ = operation.apply(number).whenComplete((_, problem) -> {
                    if (problem instanceof CaskadeException known) {
                        failure.compareAndSet(null, known);
                    }
                    free.release();
                });
            }
        }
        return new Ending(inTime && acquire(free, AT_A_TIME, end), failure.get());
    }

    private static boolean acquire(Semaphore free, int permits, long endNanos) throws InterruptedException {
        return free.tryAcquire(permits, endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
