package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.Command.Result;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.Limits;
import io.caskade.server.command.RequestDeadline;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.RecordReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/// A client's writes of a key take effect in the order in which they were sent, wherever its leader is.
class OrderedWritesTest {

    private static final long LIMIT_NANOS = 5_000_000_000L;

    private final AtomicLong nanoTime = new AtomicLong();
    private final Store store = new Store(nanoTime::get);
    private final OrderedWrites writes = new OrderedWrites();
    private final Records records = new Records(
            store,
            new RecordReader(store, Runnable::run),
            new ServerStats(),
            new Limits(1 << 20),
            LIMIT_NANOS,
            nanoTime::get);
    private final Client client = new Clients(nanoTime::get).add("client", "node", () -> {});

    /// Keeps what it is asked, until the test answers.
    private static final class Store extends NoCommands {

        private final LongSupplier clock;

        /// Those that were asked to be done here, in their order.
        private final List<Asked> here = new ArrayList<>();

        /// Those that may be passed on.
        private final List<Asked> anywhere = new ArrayList<>();

        /// @param leftMillis the time that it was given
        private record Asked(String value, long leftMillis, CompletableFuture<Answer<Result>> answer) {

            void apply() {
                answer.complete(new Answer<>(new Result(true, true, 8, 0, null), new Position(0, 1, 8)));
            }

            void refuse(Reason reason) {
                answer.completeExceptionally(new CommandRefusedException(reason, reason.name()));
            }
        }

        Store(LongSupplier clock) {
            this.clock = clock;
        }

        @Override
        public CompletionStage<Answer<Result>> writeInOrder(Command command) {
            return ask(here, command);
        }

        @Override
        public CompletionStage<Answer<Result>> write(Command command) {
            return ask(anywhere, command);
        }

        private CompletableFuture<Answer<Result>> ask(List<Asked> where, Command command) {
            CompletableFuture<Answer<Result>> answer = new CompletableFuture<>();
            long left = RequestDeadline.leftMillis(clock, -1);
            where.add(new Asked(new String(((Command.Put) command).value(), UTF_8), left, answer));
            return answer;
        }

        static List<String> values(List<Asked> asked) {
            return asked.stream().map(Asked::value).toList();
        }
    }

    private CompletableFuture<Result> write(String key, String value) {
        return write(call(), key, value);
    }

    private Call call() {
        RedisCommand set = RedisCommand.unknown(_ -> CompletableFuture.completedStage(Reply.OK));
        return new Call(set, new byte[][] {{}}, client, new ReadBudget(1), null);
    }

    private CompletableFuture<Result> write(Call call, String key, String value) {
        Command put =
                new Command.Put(key.getBytes(UTF_8), value.getBytes(UTF_8), new Expiry.Never(), new Condition.None());
        return writes.write(records, call, put).toCompletableFuture();
    }

    private static void assertRefused(CompletableFuture<Result> write, Reason reason) {
        assertThatThrownBy(write::join)
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @Test
    void whereTheLeaderIsNoneWaits() {
        CompletableFuture<Result> first = write("a", "1");
        CompletableFuture<Result> second = write("a", "2");
        CompletableFuture<Result> other = write("b", "3");

        assertThat(Store.values(store.here)).containsExactly("1", "2", "3");
        store.here.get(1).apply();
        assertThat(second).isCompleted();
        assertThat(first).isNotDone();
        store.here.get(0).apply();
        store.here.get(2).apply();
        assertThat(first).isCompleted();
        assertThat(other).isCompleted();
        assertThat(store.anywhere).isEmpty();
    }

    @Test
    void elsewhereTheyAreExecutedOneAfterTheOther() {
        CompletableFuture<Result> first = write("a", "1");
        store.here.get(0).refuse(Reason.NOT_LEADER);
        CompletableFuture<Result> second = write("a", "2");
        CompletableFuture<Result> third = write("a", "3");

        assertThat(Store.values(store.anywhere)).containsExactly("1");
        store.anywhere.get(0).apply();
        assertThat(first).isCompleted();
        assertThat(Store.values(store.anywhere)).containsExactly("1", "2");
        store.anywhere.get(1).refuse(Reason.BUSY);
        assertRefused(second, Reason.BUSY);
        store.anywhere.get(2).apply();
        assertThat(third).isCompleted();

        CompletableFuture<Result> later = write("a", "4");
        assertThat(Store.values(store.here)).containsExactly("1", "4");
        store.here.get(1).apply();
        assertThat(later).isCompleted();
    }

    @Test
    void thoseThatAreAllRefusedGoAnotherWayInTheirOrder() {
        CompletableFuture<Result> first = write("a", "1");
        CompletableFuture<Result> second = write("a", "2");

        store.here.get(1).refuse(Reason.NOT_SERVING);
        assertThat(store.anywhere).isEmpty();
        store.here.get(0).refuse(Reason.NOT_SERVING);

        assertThat(Store.values(store.anywhere)).containsExactly("1");
        store.anywhere.get(0).apply();
        assertThat(Store.values(store.anywhere)).containsExactly("1", "2");
        store.anywhere.get(1).apply();
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    @Test
    void oneThatWasOvertakenIsRefused() {
        CompletableFuture<Result> first = write("a", "1");
        CompletableFuture<Result> second = write("a", "2");
        CompletableFuture<Result> third = write("a", "3");

        store.here.get(0).refuse(Reason.NOT_SERVING);
        assertThat(first).isNotDone();
        store.here.get(1).apply();

        assertThat(second).isCompleted();
        assertRefused(first, Reason.NOT_SERVING);
        store.here.get(2).refuse(Reason.NOT_SERVING);
        assertThat(Store.values(store.anywhere)).containsExactly("3");
        store.anywhere.get(0).apply();
        assertThat(third).isCompleted();
    }

    /// The second may have taken effect.
    @Test
    void oneBeforeAnUnknownOutcomeIsRefused() {
        CompletableFuture<Result> first = write("a", "1");
        CompletableFuture<Result> second = write("a", "2");

        store.here.get(0).refuse(Reason.NOT_LEADER);
        store.here.get(1).refuse(Reason.OUTCOME_UNKNOWN);

        assertRefused(first, Reason.NOT_LEADER);
        assertRefused(second, Reason.OUTCOME_UNKNOWN);
        assertThat(store.anywhere).isEmpty();
    }

    @Test
    void oneIsNotSentOnceItsTimeIsOver() {
        CompletableFuture<Result> first = write("a", "1");
        store.here.get(0).refuse(Reason.NOT_LEADER);
        CompletableFuture<Result> second = write("a", "2");
        nanoTime.addAndGet(LIMIT_NANOS - 2_000_000_000);
        CompletableFuture<Result> third = write("a", "3");

        nanoTime.addAndGet(2_000_000_000);
        store.anywhere.get(0).refuse(Reason.OUTCOME_UNKNOWN);

        assertRefused(first, Reason.OUTCOME_UNKNOWN);
        assertRefused(second, Reason.BUSY);
        assertThat(Store.values(store.anywhere)).containsExactly("1", "3");
        assertThat(store.anywhere.get(0).leftMillis()).isEqualTo(5_000);
        assertThat(store.anywhere.get(1).leftMillis()).isEqualTo(3_000);
        store.anywhere.get(1).apply();
        assertThat(third).isCompleted();
    }

    @Test
    void oneThatWasGivenUpBeforeItWasSentIsNeverSent() {
        Call waiting = call();
        CompletableFuture<Result> first = write("a", "1");
        store.here.get(0).refuse(Reason.NOT_LEADER);
        CompletableFuture<Result> second = write(waiting, "a", "2");
        CompletableFuture<Result> third = write("a", "3");

        assertThat(waiting.giveUp()).isTrue();
        store.anywhere.get(0).apply();

        assertThat(first).isCompleted();
        assertRefused(second, Reason.BUSY);
        assertThat(Store.values(store.anywhere)).containsExactly("1", "3");
        assertThat(third).isNotDone();
    }

    @Test
    void whatWasRefusedAndWaitsWasNotSent() {
        Call call = call();
        CompletableFuture<Result> first = write("a", "1");
        CompletableFuture<Result> second = write(call, "a", "2");
        assertThat(first).isNotDone();

        store.here.get(1).refuse(Reason.NOT_SERVING);

        assertThat(call.giveUp()).isTrue();
        store.here.get(0).refuse(Reason.NOT_SERVING);
        store.anywhere.get(0).apply();
        assertRefused(second, Reason.BUSY);
    }

    @Test
    void whatWasSentMayHaveBeenDone() {
        Call call = call();
        CompletableFuture<Result> write = write(call, "a", "1");

        assertThat(call.giveUp()).isFalse();
        store.here.get(0).apply();
        assertThat(write).isCompleted();
    }

    /// However many have waited.
    @Test
    void thoseThatWaitAreRefusedWithoutRecursion() {
        CompletableFuture<Result> first = write("a", "1");
        store.here.get(0).refuse(Reason.NOT_LEADER);
        List<CompletableFuture<Result>> others = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            others.add(write("a", "2"));
        }
        nanoTime.addAndGet(LIMIT_NANOS);

        store.anywhere.get(0).apply();

        assertThat(first).isCompleted();
        assertThat(others).allMatch(CompletableFuture::isCompletedExceptionally);
    }

    @Test
    void theKeysOfOthersDoNotWait() {
        CompletableFuture<Result> first = write("a", "1");
        store.here.get(0).refuse(Reason.NOT_SERVING);

        CompletableFuture<Result> other = write("b", "2");
        store.here.get(1).apply();

        assertThat(other).isCompleted();
        assertThat(first).isNotDone();
    }
}
