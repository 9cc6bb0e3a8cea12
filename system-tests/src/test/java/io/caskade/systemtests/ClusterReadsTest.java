package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.KeySlots;
import io.caskade.client.Bytes;
import io.caskade.client.CaskadeClient;
import io.caskade.client.CausalSession;
import io.caskade.client.Entry;
import io.caskade.client.ReadMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions that read at all nodes of a cluster of processes, while nodes are killed and come back, once with
/// nothing: each reads its own writes, and none goes back.
class ClusterReadsTest {

    private static final byte[] KEY = "counter".getBytes(UTF_8);
    private static final int PARTITIONS = 2;
    private static final int STEPS = 30;
    private static final Duration INTERVAL = Duration.ofMillis(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    private Path directory = Path.of("");

    private final AtomicBoolean ending = new AtomicBoolean();
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong readAgain = new AtomicLong();

    @Test
    void sessionsHoldWhileNodesDieAndComeBackWithNothing() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(directory);
                CaskadeClient client = cluster.client(Duration.ofSeconds(30));
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            cluster.awaitAllInSync(client);
            int partition = KeySlots.partitionOf(KEY, PARTITIONS);
            Future<?> writing = threads.submit(() -> writeAndReadOwnWrites(client));
            Future<?> reading = threads.submit(() -> readOnly(client));
            try {
                awaitSteps(writing, reading);

                String killed = LocalCluster.leaderOf(client, partition);
                cluster.kill(killed);
                awaitSteps(writing, reading);
                cluster.startAgain(killed);
                cluster.awaitAllInSync(client);
                awaitSteps(writing, reading);

                String leader = LocalCluster.leaderOf(client, partition);
                String wiped = cluster.ids().stream()
                        .filter(id -> !id.equals(leader))
                        .findFirst()
                        .orElseThrow();
                cluster.kill(wiped);
                delete(cluster.data(wiped).resolve("partitions"));
                cluster.startAgain(wiped);
                awaitSteps(writing, reading);
                cluster.awaitAllInSync(client);
                awaitSteps(writing, reading);
            } finally {
                ending.set(true);
            }
            writing.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            reading.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /// The only writer: a repeated put writes the same again.
    private void writeAndReadOwnWrites(CaskadeClient client) {
        CausalSession session = new CausalSession();
        CaskadeClient view = client.retryingUnknownOutcomes().inSession(session);
        RateLimiter limiter = new RateLimiter(INTERVAL);
        while (!ending.get()) {
            limiter.awaitNext();
            long next = written.get() + 1;
            view.put(KEY, Long.toString(next).getBytes(UTF_8));
            assertThat(value(view.get(KEY))).isEqualTo(next);
            assertThat(value(client.get(KEY, ReadMode.causal(session.context())).value()))
                    .isEqualTo(next);
            assertThat(value(view.get(KEY, ReadMode.eventual()).value())).isLessThanOrEqualTo(next);
            written.set(next);
        }
    }

    private void readOnly(CaskadeClient client) {
        CaskadeClient view = client.inSession(new CausalSession());
        long last = 0;
        RateLimiter limiter = new RateLimiter(INTERVAL);
        while (!ending.get()) {
            limiter.awaitNext();
            long read = value(view.get(KEY));
            assertThat(read).isGreaterThanOrEqualTo(last);
            last = read;
            readAgain.incrementAndGet();
        }
        assertThat(last).isPositive();
    }

    private static long value(Optional<Entry> found) {
        return found.map(Entry::value).flatMap(Bytes::utf8).map(Long::parseLong).orElse(0L);
    }

    private void awaitSteps(Future<?>... working) throws Exception {
        long writes = written.get() + STEPS;
        long reads = readAgain.get() + STEPS;
        Awaitility.await("writes and reads go on")
                .atMost(TIMEOUT)
                .until(() -> Stream.of(working).anyMatch(Future::isDone)
                        || (written.get() >= writes && readAgain.get() >= reads));
        for (Future<?> each : working) {
            if (each.isDone()) {
                each.get();
            }
        }
        assertThat(working).as("neither has ended").noneMatch(Future::isDone);
    }

    private static void delete(Path place) throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.walk(place)) {
            files = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
