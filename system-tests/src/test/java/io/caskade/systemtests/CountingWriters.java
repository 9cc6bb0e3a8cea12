package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/// Threads that write ever greater numbers to keys of their own and keep count of what was acknowledged.
final class CountingWriters {

    private static final int WRITERS = 8;
    private static final int KEYS_EACH = 5;

    /// What one key must hold: at least what was acknowledged, at most what was tried.
    private record Bounds(long acknowledged, long tried) {}

    private final StandaloneFiles files;
    private final Map<String, Bounds> bounds = new HashMap<>();
    private final AtomicLong acknowledgements = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ending;

    CountingWriters(StandaloneFiles files) {
        this.files = files;
    }

    /// How many writes were acknowledged so far.
    long acknowledgements() {
        return acknowledgements.get();
    }

    void start() {
        ending = false;
        for (int writer = 0; writer < WRITERS; writer++) {
            int number = writer;
            threads.add(Thread.ofPlatform().name("writer-" + writer).start(() -> write(number)));
        }
    }

    void awaitAcknowledgements(long more) {
        long goal = acknowledgements() + more;
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> acknowledgements() >= goal);
    }

    void end() throws InterruptedException {
        ending = true;
        for (Thread thread : threads) {
            thread.join();
        }
        threads.clear();
    }

    private void write(int writer) {
        try (CaskadeClient client = files.client(Duration.ofSeconds(1))) {
            for (int i = 0; !ending; i++) {
                String key = "writer-" + writer + "-" + i % KEYS_EACH;
                write(client, key);
            }
        }
    }

    private void write(CaskadeClient client, String key) {
        long next = tried(key) + 1;
        note(key, new Bounds(acknowledged(key), next));
        try {
            client.put(key.getBytes(UTF_8), Long.toString(next).getBytes(UTF_8));
            note(key, new Bounds(next, next));
            acknowledgements.incrementAndGet();
        } catch (CaskadeException e) {
            // Not acknowledged: the number may be there or not, and the next one is greater.
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private synchronized void note(String key, Bounds now) {
        bounds.put(key, now);
    }

    private synchronized long tried(String key) {
        return bounds.getOrDefault(key, new Bounds(0, 0)).tried();
    }

    private synchronized long acknowledged(String key) {
        return bounds.getOrDefault(key, new Bounds(0, 0)).acknowledged();
    }

    /// Checks, while there are no writes, that every key holds what was acknowledged or something newer that
    /// was tried.
    void assertNothingAcknowledgedIsMissing() {
        try (CaskadeClient client = files.client(Duration.ofSeconds(20))) {
            bounds.forEach((key, expected) -> {
                long held = client.get(key.getBytes(UTF_8))
                        .map(entry -> Long.parseLong(new String(entry.value().toArray(), UTF_8)))
                        .orElse(0L);
                assertThat(held).as(key).isBetween(expected.acknowledged(), expected.tried());
            });
        }
    }
}
