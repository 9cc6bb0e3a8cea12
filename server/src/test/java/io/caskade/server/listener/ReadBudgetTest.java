package io.caskade.server.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadBudgetTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MIB = 1 << 20;

    private final ReadBudget budget = new ReadBudget(16 * MIB);
    private final ReadBudget.Account one = budget.open();
    private final ReadBudget.Account other = budget.open();

    /// Takes bytes on another thread.
    private static CompletableFuture<@Nullable Void> take(ReadBudget.Account account, long bytes) {
        CompletableFuture<@Nullable Void> taken = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                account.take(bytes);
                taken.complete(null);
            } catch (CommandRefusedException e) {
                taken.completeExceptionally(e);
            }
        });
        return taken;
    }

    @Test
    void largeValuesLeaveAQuarterToSmallOnes() {
        for (int i = 0; i < 12; i++) {
            assertThat(budget.open().tryTake(MIB)).isTrue();
        }

        assertThat(budget.open().tryTake(MIB)).isFalse();
        assertThat(one.tryTake(ReadBudget.SMALL_BYTES)).isTrue();
    }

    @Test
    void smallValuesAreRefusedBeyondTheWholeBudget() {
        int count = 0;
        while (one.tryTake(ReadBudget.SMALL_BYTES)) {
            count++;
        }

        assertThat(count).isEqualTo(16 * MIB / ReadBudget.SMALL_BYTES);
        one.release(ReadBudget.SMALL_BYTES);
        assertThat(other.tryTake(ReadBudget.SMALL_BYTES)).isTrue();
    }

    @Test
    void oneClientHoldsNoMoreThanItsShareOfLargeValues() {
        assertThat(one.tryTake(2 * MIB)).isTrue();

        assertThat(one.tryTake(2 * MIB)).isFalse();
        assertThat(other.tryTake(2 * MIB)).isTrue();
        one.release(2 * MIB);
        assertThat(one.tryTake(2 * MIB)).isTrue();
    }

    @Test
    void aValueLargerThanTheBudgetIsReadAlone() {
        assertThat(other.tryTake(MIB)).isTrue();
        CompletableFuture<@Nullable Void> huge = take(one, 64 * MIB);
        other.release(MIB);

        assertThat(huge).succeedsWithin(LONG);
        assertThat(other.tryTake(MIB)).isFalse();
        one.release(64 * MIB);
        assertThat(other.tryTake(MIB)).isTrue();
    }

    @Test
    void whoWaitsForItsShareHoldsUpNobodyElse() {
        assertThat(one.tryTake(3 * MIB)).isTrue();
        CompletableFuture<@Nullable Void> waiting = take(one, 3 * MIB);

        assertThat(take(other, 3 * MIB)).succeedsWithin(LONG);
        one.release(3 * MIB);
        assertThat(waiting).succeedsWithin(LONG);
        assertThat(budget.used()).isEqualTo(6L * MIB);
    }

    @Test
    void clientsTakeTurns() {
        ReadBudget.Account third = budget.open();
        assertThat(one.tryTake(12 * MIB)).isTrue();
        CompletableFuture<@Nullable Void> again = take(one, 12 * MIB);
        await().until(() -> budget.waiting() == 1);
        CompletableFuture<@Nullable Void> first = take(third, 12 * MIB);
        await().until(() -> budget.waiting() == 2);

        one.release(12 * MIB);

        assertThat(first).succeedsWithin(LONG);
        assertThat(again).isNotDone();
        third.release(12 * MIB);
        assertThat(again).succeedsWithin(LONG);
    }

    @Test
    void aReadThatWaitsInVainIsRefusedWithTheNameOfTheSetting() {
        assertThat(other.tryTake(64 * MIB)).isTrue();

        assertThatThrownBy(() -> one.take(MIB))
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.BUSY))
                .hasMessageContaining("limits.reads");
        other.release(64 * MIB);
        assertThat(one.tryTake(MIB)).isTrue();
        assertThat(budget.used()).isEqualTo(MIB);
    }

    @Test
    void anAnswerHoldsItsOwnBytesInPlaceOfThoseTakenForIt() {
        assertThat(one.tryTake(MIB)).isTrue();
        one.settle(MIB, 100);
        assertThat(one.held()).isEqualTo(100);

        one.release(100);

        await().untilAsserted(() -> assertThat(budget.used()).isZero());
        for (int i = 0; i < 12; i++) {
            assertThat(budget.open().tryTake(MIB)).isTrue();
        }
    }
}
