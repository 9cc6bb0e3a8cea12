package io.caskade.bitcask.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How long a background thread lives.
@Timeout(30)
final class PeriodicThreadTest {

    @Test
    void aTaskThatFailsIsRepeatedThoughItBeForLackOfMemory() throws InterruptedException {
        AtomicInteger turns = new AtomicInteger();
        CountDownLatch third = new CountDownLatch(3);
        PeriodicThread thread = new PeriodicThread("test", Duration.ofMillis(1), () -> true, () -> {
            third.countDown();
            switch (turns.incrementAndGet()) {
                case 1 -> throw new OutOfMemoryError("as if");
                case 2 -> throw new IllegalStateException("as if");
                default -> {}
            }
        });
        thread.start();
        assertThat(third.await(20, TimeUnit.SECONDS)).isTrue();
        thread.stop();
        int stopped = turns.get();
        assertThat(stopped).isGreaterThanOrEqualTo(3);
    }

    @Test
    void aWokenThreadDoesNotWaitForItsTime() throws InterruptedException {
        CountDownLatch turn = new CountDownLatch(1);
        PeriodicThread thread = new PeriodicThread("test", Duration.ofDays(1), () -> true, turn::countDown);
        thread.start();
        thread.wake();
        thread.wake();
        assertThat(turn.await(20, TimeUnit.SECONDS)).isTrue();
        thread.stop();
    }
}
