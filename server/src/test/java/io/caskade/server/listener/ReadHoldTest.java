package io.caskade.server.listener;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadHoldTest {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    private final ReadBudget budget = new ReadBudget(16 * MIB);
    private final ReadHold hold = new ReadHold(budget);

    @Test
    void theBytesOfTheAnswerAreHeldInsteadOfThoseThatWereTaken() {
        hold.take(2 * MIB);
        hold.settle(3 * KIB);

        assertThat(budget.used()).isEqualTo(3 * KIB);
    }

    @Test
    void allBytesAreGivenBackAtTheEndAndLater() {
        hold.take(10 * KIB);
        assertThat(hold.tryTake(10 * KIB)).isTrue();
        hold.end();
        hold.end();

        assertThat(budget.used()).isZero();
        hold.take(MIB);
        hold.settle(MIB);
        assertThat(budget.used()).isZero();
    }

    @Test
    void severalSmallValuesDoNotCountAsALargeOne() {
        for (int i = 0; i < 4; i++) {
            hold.take(10 * KIB);
        }
        hold.end();

        ReadHold other = new ReadHold(budget);
        assertThat(other.tryTake(12 * MIB)).isTrue();
        assertThat(new ReadHold(budget).tryTake(MIB)).isFalse();
    }
}
