package io.caskade.bitcask.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WriterLockTest {

    private static final int ROUNDS = 50;

    private final WriterLock lock = new WriterLock();

    /// How long a woken thread takes to run is the machine's affair, so now and then it may come too late.
    @Test
    void maintenanceThatRetakesTheLockLetsAWaitingWriterGoFirst() {
        int wentFirst = 0;
        for (int i = 0; i < ROUNDS; i++) {
            if (writerGoesFirst()) {
                wentFirst++;
            }
        }
        assertThat(wentFirst).isGreaterThan(ROUNDS / 2);
    }

    private boolean writerGoesFirst() {
        AtomicBoolean wrote = new AtomicBoolean();
        CompletableFuture<Void> ended = new CompletableFuture<>();
        lock.lock();
        Thread writer = Thread.ofPlatform().start(() -> {
            lock.lock();
            wrote.set(true);
            lock.unlock();
            ended.complete(null);
        });
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> writer.getState() == Thread.State.WAITING);
        lock.unlock();
        lock.lockBehindOthers();
        boolean first = wrote.get();
        lock.unlock();
        ended.join();
        return first;
    }
}
