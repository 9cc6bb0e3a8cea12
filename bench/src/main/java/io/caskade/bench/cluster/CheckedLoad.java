package io.caskade.bench.cluster;

import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.load.LoadGenerator;
import io.caskade.bench.time.Pause;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.Entry;
import io.caskade.client.OutcomeUnknownException;
import io.caskade.client.PutOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/// Puts, gets, deletes, expiring and large values at a steady rate, each answer checked against all that its
/// key may hold. Each thread has keys of its own, so it knows what it wrote.
///
/// Thread-safe.
final class CheckedLoad implements LoadGenerator {

    private static final int THREADS = 8;
    private static final int SMALL_BYTES = 1024;
    private static final int LARGE_BYTES = 1 << 20;

    /// One key in so many has large values.
    private static final int LARGE_EVERY = 200;

    private static final int MAX_TTL_MILLIS = 20_000;

    private final AsyncCaskadeClient client;
    private final int keysPerThread;
    private final Duration pause;
    private final Recorder latencies = new Recorder(3);
    private final FailureCounts failures = new FailureCounts();
    private final AtomicReference<@Nullable String> wrong = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    private CheckedLoad(AsyncCaskadeClient client, int keys, int perSecond) {
        this.client = client;
        this.keysPerThread = Math.max(1, keys / THREADS);
        this.pause = Duration.ofNanos(THREADS * 1_000_000_000L / perSecond);
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            threads.add(Thread.ofPlatform().name("load-" + i).daemon().unstarted(() -> run(number)));
        }
    }

    /// Starts it.
    ///
    /// @param keys how many there are
    /// @param perSecond operations per second, at most
    static CheckedLoad start(AsyncCaskadeClient client, int keys, int perSecond) {
        CheckedLoad load = new CheckedLoad(client, keys, perSecond);
        load.threads.forEach(Thread::start);
        return load;
    }

    /// The first answer that was wrong, if any was.
    Optional<String> wrongAnswer() {
        return Optional.ofNullable(wrong.get());
    }

    /// The latencies in microseconds since the last call. For one thread.
    Histogram takeLatencies() {
        return latencies.getIntervalHistogram();
    }

    FailureCounts failures() {
        return failures;
    }

    private void run(int number) {
        SplittableRandom random = new SplittableRandom(number);
        CheckedKey[] keys = new CheckedKey[keysPerThread];
        for (int i = 0; i < keys.length; i++) {
            keys[i] =
                    new CheckedKey(("soak-" + number + "-" + i).getBytes(StandardCharsets.UTF_8), i % LARGE_EVERY == 0);
        }
        long stamp = 0;
        try {
            while (!ending) {
                CheckedKey key = keys[random.nextInt(keys.length)];
                perform(key, random, ++stamp);
                Pause.of(pause);
            }
        } catch (RuntimeException | Error e) {
            wrong.compareAndSet(null, "the load has failed: " + e);
            throw e;
        }
    }

    private void perform(CheckedKey key, SplittableRandom random, long stamp) {
        long begin = System.nanoTime();
        long sentAt = System.currentTimeMillis();
        int choice = random.nextInt(100);
        try {
            if (choice < 45) {
                Optional<Entry> found = client.get(key.name()).join();
                String fault = key.check(
                        found.map(Entry::value).map(value -> value.toArray()).orElse(null), sentAt);
                if (fault != null) {
                    wrong.compareAndSet(null, fault);
                }
            } else if (choice < 53) {
                write(
                        key,
                        CheckedKey.State.ABSENT,
                        () -> client.delete(key.name()).join());
            } else {
                long ttl = choice < 65 ? 1 + random.nextInt(MAX_TTL_MILLIS) : 0;
                int most = key.isLarge() ? LARGE_BYTES : SMALL_BYTES;
                byte[] value = CheckedKey.value(stamp, CheckedKey.STAMP_BYTES + random.nextInt(most));
                PutOptions options =
                        ttl == 0 ? PutOptions.DEFAULT : PutOptions.DEFAULT.expiringAfter(Duration.ofMillis(ttl));
                write(
                        key,
                        CheckedKey.State.written(stamp, sentAt, ttl),
                        () -> client.put(key.name(), value, options).join());
            }
        } catch (CompletionException e) {
            failures.add(e);
        }
        latencies.recordValue((System.nanoTime() - begin) / 1000);
    }

    private static void write(CheckedKey key, CheckedKey.State state, Runnable call) {
        try {
            call.run();
            key.recordWrite(state);
        } catch (CompletionException e) {
            if (e.getCause() instanceof OutcomeUnknownException) {
                key.recordUnknown(state);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        ending = true;
        threads.forEach(Pause::until);
    }
}
