package io.caskade.server.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {

    private final List<Error> errors = new CopyOnWriteArrayList<>();
    private final EventLoops loops = EventLoops.start(2, errors::add);
    private final NettyEventLoop loop = loops.loopOf(0);
    private final List<String> ran = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        loops.close();
    }

    @Test
    void tasksQueuedWhenATurnBeginsRunBeforeItEnds() throws Exception {
        CountDownLatch gathered = new CountDownLatch(1);
        loop.execute(() -> {
            loop.onTurnEnd(() -> ran.add("end"));
            awaitUninterrupted(gathered);
        });
        loop.execute(() -> ran.add("one"));
        loop.execute(() -> ran.add("two"));
        gathered.countDown();
        finish();

        assertThat(ran).containsSubsequence("one", "two", "end");
    }

    @Test
    void tasksAddedAtTheEndOfATurnRunInTheNext() throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> loop.onTurnEnd(() -> {
            ran.add("end");
            if (ran.size() == 1) {
                loop.execute(() -> ran.add("next"));
            } else {
                done.complete(null);
            }
        }));
        done.get(60, TimeUnit.SECONDS);

        assertThat(ran).startsWith("end", "next", "end");
    }

    @Test
    void aFailingTaskDoesNotStopTheOthers() throws Exception {
        loop.execute(() -> {
            throw new IllegalStateException("a fault");
        });
        loop.execute(() -> ran.add("next"));
        finish();

        assertThat(ran).contains("next");
        assertThat(errors).isEmpty();
    }

    @Test
    void aVirtualMachineErrorIsReported() throws Exception {
        OutOfMemoryError error = new OutOfMemoryError("as if");
        loop.execute(() -> {
            throw error;
        });
        finish();

        assertThat(errors).containsExactly(error);
    }

    @Test
    void awaitingATaskOfAStoppedLoopFails() {
        loops.stopPartitions();
        CompletableFuture<Void> never = new CompletableFuture<>();
        loop.execute(() -> never.complete(null));

        assertThatThrownBy(() -> loop.await(never)).hasRootCauseInstanceOf(CancellationException.class);
    }

    @Test
    void stoppingRunsTheQueuedTasksAndNoMore() {
        loop.execute(() -> ran.add("before"));
        loops.stopPartitions();
        loop.execute(() -> ran.add("after"));
        loops.stopPartitions();

        assertThat(ran).containsExactly("before");
    }

    @Test
    void connectionsStillWorkWhenPartitionsHaveStopped() throws Exception {
        loops.stopPartitions();

        assertThat(loops.group().submit(() -> "served").get(60, TimeUnit.SECONDS))
                .isEqualTo("served");
    }

    @Test
    void aLoopRecognizesItsOwnThread() throws Exception {
        io.netty.channel.EventLoop thread = loops.group().next();

        assertThat(thread.submit(loops::current).get(60, TimeUnit.SECONDS)).isSameAs(thread);
        assertThatThrownBy(loops::current).isInstanceOf(IllegalStateException.class);
    }

    private void finish() throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> loop.execute(() -> done.complete(null)));
        done.get(60, TimeUnit.SECONDS);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
