package io.caskade.server.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoordinatorThreadTest {

    private final BlockingQueue<Error> errors = new LinkedBlockingQueue<>();
    private final CoordinatorThread thread = new CoordinatorThread("coordinator", errors::add);

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void anErrorOfATaskIsReported() throws Exception {
        thread.execute(CoordinatorThreadTest::fail);

        assertThat(errors.poll(30, TimeUnit.SECONDS)).hasMessage("a fault");
    }

    @Test
    void anErrorOfADelayedOrRepeatedTaskIsReported() throws Exception {
        thread.schedule(Duration.ofMillis(1), CoordinatorThreadTest::fail);
        assertThat(errors.poll(30, TimeUnit.SECONDS)).hasMessage("a fault");

        thread.scheduleRepeatedly(Duration.ofMillis(1), CoordinatorThreadTest::fail);
        assertThat(errors.poll(30, TimeUnit.SECONDS)).hasMessage("a fault");
    }

    @Test
    void anErrorOfACallbackIsReported() {
        thread.whenDone(CompletableFuture.completedFuture("answer"), (_, _) -> fail());

        assertThat(errors).singleElement().satisfies(error -> assertThat(error).hasMessage("a fault"));
    }

    @Test
    void anExceptionOfATaskStopsNothing() {
        AtomicBoolean ran = new AtomicBoolean();
        thread.execute(() -> {
            throw new IllegalStateException("expected by this test");
        });
        thread.execute(() -> ran.set(true));
        thread.close();

        assertThat(ran).isTrue();
        assertThat(errors).isEmpty();
    }

    private static void fail() {
        throw new AssertionError("a fault");
    }
}
