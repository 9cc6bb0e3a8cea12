package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.CompareAndSetResult;
import io.caskade.client.Entry;
import io.caskade.client.Expectation;
import io.caskade.client.OutcomeUnknownException;
import io.caskade.server.simulator.LinearizabilityChecker;
import io.caskade.server.simulator.Operation;
import io.caskade.server.simulator.Operation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// Clients that read, write and swap a few keys at once and record what they asked and were told, for the
/// checker that the simulator uses. Keys change as the run goes on, so that each has a history that can be
/// decided.
final class RecordingClients {

    /// The number of concurrent operations.
    static final int CLIENTS = 6;

    private static final Duration INTERVAL = Duration.ofMillis(10);
    private static final int KEYS_AT_ONCE = 4;
    private static final int OPERATIONS_ON_A_KEY = 40;

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final LocalCluster cluster;
    private final long seed;
    private final Duration timeout;
    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong values = new AtomicLong();
    private final Map<String, Queue<Operation>> histories = new ConcurrentHashMap<>();
    private final Queue<Long> writesAt = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    private RecordingClients(LocalCluster cluster, long seed, Duration timeout) {
        this.cluster = cluster;
        this.seed = seed;
        this.timeout = timeout;
    }

    /// Clients that are at work.
    static RecordingClients started(LocalCluster cluster, long seed) {
        return started(cluster, seed, TIMEOUT);
    }

    /// Clients that are at work, and wait for an answer for as long.
    static RecordingClients started(LocalCluster cluster, long seed, Duration timeout) {
        RecordingClients clients = new RecordingClients(cluster, seed, timeout);
        clients.start();
        return clients;
    }

    private void start() {
        for (int client = 0; client < CLIENTS; client++) {
            Random random = new Random(seed + client);
            threads.add(Thread.ofPlatform().name("client-" + client).start(() -> work(random)));
        }
    }

    /// Ends them and proves that what they saw is linearizable.
    ///
    /// @return what there is to say of them
    String endLinearizable() throws InterruptedException {
        end();
        assertLinearizable();
        return summary();
    }

    private void end() throws InterruptedException {
        ending = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /// Waits until a number of further writes were acknowledged.
    void awaitWrites(int more) {
        int goal = writesAt.size() + more;
        Awaitility.await("acknowledged writes").atMost(Duration.ofSeconds(60)).until(() -> writesAt.size() >= goal);
    }

    /// Waits until a number of further operations failed.
    void awaitErrors(int more) {
        int goal = errors.size() + more;
        Awaitility.await("operations that fail").atMost(Duration.ofSeconds(60)).until(() -> errors.size() >= goal);
    }

    /// What clients were told that got no answer.
    List<String> errors() {
        return List.copyOf(errors);
    }

    int acknowledgedWrites() {
        return writesAt.size();
    }

    /// The longest time between two acknowledged writes, one after the other.
    Duration longestGap() {
        long longest = 0;
        long last = -1;
        for (long at : writesAt.stream().sorted().toList()) {
            longest = last < 0 ? 0 : Math.max(longest, at - last);
            last = at;
        }
        return Duration.ofNanos(longest);
    }

    private void work(Random random) {
        try (CaskadeClient client = cluster.client(timeout)) {
            RateLimiter limiter = new RateLimiter(INTERVAL);
            while (!ending) {
                limiter.awaitNext();
                long number = begun.getAndIncrement();
                long generation = number / (KEYS_AT_ONCE * OPERATIONS_ON_A_KEY);
                String key = "key-" + seed + "-" + generation + "-" + number % KEYS_AT_ONCE;
                switch (random.nextInt(5)) {
                    case 0, 1 -> read(client, key);
                    case 2 -> swap(client, key);
                    default -> write(client, key);
                }
            }
        }
    }

    private void read(CaskadeClient client, String key) {
        long invoked = clock.incrementAndGet();
        try {
            String seen = value(client.get(key.getBytes(UTF_8)));
            note(key, new Operation(Kind.READ, null, null, false, invoked, clock.incrementAndGet(), true, seen));
        } catch (CaskadeException e) {
            failed(e);
        }
    }

    private void write(CaskadeClient client, String key) {
        String value = "v" + values.incrementAndGet();
        long invoked = clock.incrementAndGet();
        try {
            client.put(key.getBytes(UTF_8), value.getBytes(UTF_8));
            acknowledged();
            note(key, new Operation(Kind.WRITE, null, value, false, invoked, clock.incrementAndGet(), true, null));
        } catch (OutcomeUnknownException e) {
            failed(e);
            note(key, new Operation(Kind.WRITE, null, value, false, invoked, Operation.NEVER, false, null));
        } catch (CaskadeException e) {
            // It says that nothing was written: if that is wrong, a read that sees the value gives it away.
            failed(e);
        }
    }

    /// Swaps what was just read for something new.
    private void swap(CaskadeClient client, String key) {
        String expected = known(client, key);
        if (expected == null) {
            return;
        }
        String value = "v" + values.incrementAndGet();
        long invoked = clock.incrementAndGet();
        try {
            CompareAndSetResult result = client.compareAndSet(
                    key.getBytes(UTF_8), Expectation.value(expected.getBytes(UTF_8)), value.getBytes(UTF_8));
            switch (result) {
                case CompareAndSetResult.Applied _ -> {
                    acknowledged();
                    note(
                            key,
                            new Operation(
                                    Kind.SWAP,
                                    expected,
                                    value,
                                    false,
                                    invoked,
                                    clock.incrementAndGet(),
                                    true,
                                    expected));
                }
                case CompareAndSetResult.Differs(Optional<Entry> current, var _) ->
                    note(
                            key,
                            new Operation(
                                    Kind.SWAP,
                                    expected,
                                    value,
                                    false,
                                    invoked,
                                    clock.incrementAndGet(),
                                    false,
                                    value(current)));
            }
        } catch (OutcomeUnknownException e) {
            failed(e);
            note(key, new Operation(Kind.SWAP, expected, value, false, invoked, Operation.NEVER, false, null));
        } catch (CaskadeException e) {
            failed(e);
        }
    }

    private @Nullable String known(CaskadeClient client, String key) {
        try {
            return value(client.get(key.getBytes(UTF_8)));
        } catch (CaskadeException e) {
            failed(e);
            return null;
        }
    }

    private static @Nullable String value(Optional<Entry> entry) {
        return entry.map(found -> new String(found.value().toArray(), UTF_8)).orElse(null);
    }

    private void failed(CaskadeException failure) {
        errors.add(String.valueOf(failure.getMessage()));
    }

    private void acknowledged() {
        writesAt.add(System.nanoTime());
    }

    private void note(String key, Operation operation) {
        histories.computeIfAbsent(key, _ -> new ConcurrentLinkedQueue<>()).add(operation);
    }

    /// Reads every key once more, while there are no writes, and checks each key's history.
    void assertLinearizable() {
        try (CaskadeClient client = cluster.client(Duration.ofSeconds(30))) {
            histories.keySet().forEach(key -> {
                long invoked = clock.incrementAndGet();
                String seen = value(client.get(key.getBytes(UTF_8)));
                note(key, new Operation(Kind.READ, null, null, false, invoked, clock.incrementAndGet(), true, seen));
            });
        }
        histories.forEach((key, history) -> assertThat(LinearizabilityChecker.check(List.copyOf(history)))
                .as("%s, seed %d: %s", key, seed, history)
                .isEqualTo(LinearizabilityChecker.Verdict.LINEARIZABLE));
    }

    /// A human-readable line.
    String summary() {
        return acknowledgedWrites() + " acknowledged writes on " + histories.size() + " keys, none lost; "
                + errors.size() + " errors; longest time without one: "
                + TimeUnit.NANOSECONDS.toMillis(longestGap().toNanos()) + " ms";
    }
}
