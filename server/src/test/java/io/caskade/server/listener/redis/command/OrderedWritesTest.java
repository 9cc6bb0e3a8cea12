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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/// A client's writes of a key take effect in the order in which they were sent, wherever its leader is.
class OrderedWritesTest {

    private final Store store = new Store();
    private final OrderedWrites writes = new OrderedWrites();

    /// Keeps what it is asked, until the test answers.
    private static final class Store extends NoCommands {

        /// Those that were asked to be done here, in their order.
        private final List<Asked> here = new ArrayList<>();

        /// Those that may be passed on.
        private final List<Asked> anywhere = new ArrayList<>();

        private record Asked(String value, CompletableFuture<Answer<Result>> answer) {

            void apply() {
                answer.complete(new Answer<>(new Result(true, true, 8, 0, null), new Position(0, 1, 8)));
            }

            void refuse(Reason reason) {
                answer.completeExceptionally(new CommandRefusedException(reason, reason.name()));
            }
        }

        @Override
        public CompletionStage<Answer<Result>> writeInOrder(Command command) {
            return ask(here, command);
        }

        @Override
        public CompletionStage<Answer<Result>> write(Command command) {
            return ask(anywhere, command);
        }

        private static CompletableFuture<Answer<Result>> ask(List<Asked> where, Command command) {
            CompletableFuture<Answer<Result>> answer = new CompletableFuture<>();
            where.add(new Asked(new String(((Command.Put) command).value(), UTF_8), answer));
            return answer;
        }

        static List<String> values(List<Asked> asked) {
            return asked.stream().map(Asked::value).toList();
        }
    }

    private CompletableFuture<Result> write(String key, String value) {
        Command put =
                new Command.Put(key.getBytes(UTF_8), value.getBytes(UTF_8), new Expiry.Never(), new Condition.None());
        return writes.write(store, put).toCompletableFuture();
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
    void theKeysOfOthersDoNotWait() {
        CompletableFuture<Result> first = write("a", "1");
        store.here.get(0).refuse(Reason.NOT_SERVING);

        CompletableFuture<Result> other = write("b", "2");
        store.here.get(1).apply();

        assertThat(other).isCompleted();
        assertThat(first).isNotDone();
    }
}
