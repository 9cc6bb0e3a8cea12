package io.caskade.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {

    @Test
    void aClosedLoopKeepsTheGivenNumberInFlight() throws Exception {
        Queue<CompletableFuture<String>> inFlight = new ConcurrentLinkedQueue<>();
        AtomicInteger ended = new AtomicInteger();
        OperationSource operations = _ -> {
            CompletableFuture<String> operation = new CompletableFuture<>();
            inFlight.add(operation);
            return operation;
        };
        LoadGenerator loop = ClosedLoop.start(operations, 3, (_, _, _, _) -> ended.incrementAndGet());

        assertThat(inFlight).hasSize(3);
        inFlight.remove().complete("done");
        assertThat(inFlight).hasSize(3);
        inFlight.remove().completeExceptionally(new IllegalStateException("failed"));
        assertThat(inFlight).hasSize(3);
        assertThat(ended).hasValue(2);

        Thread closing = Thread.ofPlatform().start(loop::close);
        Awaitility.await().until(() -> closing.getState() == Thread.State.WAITING);
        inFlight.forEach(operation -> operation.complete("done"));
        closing.join();
        assertThat(ended).hasValue(5);
        assertThat(inFlight).hasSize(3);
    }

    @Test
    void operationsThatEndAtOnceDoNotGrowTheStack() throws Exception {
        CountDownLatch many = new CountDownLatch(100_000);
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> last = new CompletableFuture<>();
        OperationSource operations =
                number -> number == 0 ? first : many.getCount() > 0 ? CompletableFuture.completedFuture("") : last;
        LoadGenerator loop = ClosedLoop.start(operations, 1, (_, _, _, _) -> many.countDown());

        first.complete("");

        assertThat(many.getCount()).isZero();
        Thread closing = Thread.ofPlatform().start(loop::close);
        Awaitility.await().until(() -> closing.getState() == Thread.State.WAITING);
        last.complete("");
        closing.join();
    }

    @Test
    void anOpenLoopsDueTimesKeepTheRateAfterAStall() throws Exception {
        Queue<Long> dues = new ConcurrentLinkedQueue<>();
        CountDownLatch stall = new CountDownLatch(1);
        OperationSource operations = number -> {
            if (number == 1) {
                awaitUninterruptibly(stall);
            }
            return CompletableFuture.completedFuture("");
        };
        OpenLoop loop = OpenLoop.start(operations, 1000, (_, due, _, _) -> dues.add(due));
        Awaitility.await().until(() -> !dues.isEmpty());
        stall.countDown();
        Awaitility.await().until(() -> dues.size() >= 10);
        loop.close();

        List<Long> all = List.copyOf(dues);
        assertThat(LongStream.range(1, all.size()).map(i -> all.get((int) i) - all.get((int) i - 1)))
                .allMatch(interval -> interval == TimeUnit.MILLISECONDS.toNanos(1));
    }

    @Test
    void anOpenLoopWaitsForWhatIsUnderWay() throws Exception {
        CompletableFuture<String> slow = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        OperationSource operations = number -> {
            begun.countDown();
            return number == 0 ? slow : CompletableFuture.completedFuture("");
        };
        OpenLoop loop = OpenLoop.start(operations, 1000, (number, _, _, _) -> ended.addAndGet(number == 0 ? 1 : 0));
        begun.await();
        Thread closing = Thread.ofPlatform().start(loop::close);
        Awaitility.await().until(() -> closing.getState() == Thread.State.WAITING);

        assertThat(ended).hasValue(0);
        slow.complete("");
        closing.join();
        assertThat(ended).hasValue(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
