package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeThreadsTest {

    private final BlockingQueue<Error> errors = new LinkedBlockingQueue<>();
    private final NodeThreads threads = NodeThreads.start(errors::add);

    @AfterEach
    void stop() throws InterruptedException {
        threads.stop();
        threads.loops().close();
    }

    @Test
    void anErrorOfTheTickerIsReported() throws Exception {
        threads.scheduleEvery(Duration.ofMillis(1), NodeThreadsTest::fail);

        assertReported();
    }

    @Test
    void anErrorOfASyncOrAWorkerIsReported() throws Exception {
        threads.syncs().execute(NodeThreadsTest::fail);
        assertReported();

        threads.workers().execute(NodeThreadsTest::fail);
        assertReported();
    }

    @Test
    void anErrorOfALoopIsReported() throws Exception {
        threads.loops().loopOf(0).execute(NodeThreadsTest::fail);

        assertReported();
    }

    @Test
    void eachLoopRunsItsOwnTicksUntilItStops() throws Exception {
        CountDownLatch ticks = new CountDownLatch(3);
        Set<Boolean> own = ConcurrentHashMap.newKeySet();
        threads.scheduleOnLoops(Duration.ofMillis(1), loop -> {
            own.add(threads.loops().all().contains(loop)
                    && threads.loops().current().inEventLoop());
            ticks.countDown();
        });

        assertThat(ticks.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(own).containsExactly(true);
    }

    @Test
    void anExceptionOfOneTickDoesNotStopTheNext() throws Exception {
        CountDownLatch ticks = new CountDownLatch(2);
        threads.scheduleEvery(Duration.ofMillis(1), () -> {
            ticks.countDown();
            throw new IllegalStateException("expected by this test");
        });

        assertThat(ticks.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(errors).isEmpty();
    }

    private void assertReported() throws InterruptedException {
        assertThat(errors.poll(30, TimeUnit.SECONDS)).hasMessage("a fault");
    }

    private static void fail() {
        throw new AssertionError("a fault");
    }
}
