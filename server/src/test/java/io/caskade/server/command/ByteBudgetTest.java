package io.caskade.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {

    private final ByteBudget budget = new ByteBudget(1000);

    @Test
    void whatDoesNotFitBesideTheRestIsRefused() {
        assertThat(budget.tryAcquire(900)).isTrue();

        assertThat(budget.tryAcquire(101)).isFalse();
        assertThat(budget.tryAcquire(100)).isTrue();
        assertThat(budget.used()).isEqualTo(1000);
    }

    @Test
    void anyNumberFitsWhenNothingElseIsHeld() {
        assertThat(budget.tryAcquire(5000)).isTrue();

        assertThat(budget.tryAcquire(1)).isFalse();
        budget.release(5000);
        assertThat(budget.tryAcquire(1)).isTrue();
    }

    @Test
    void whatIsSharedBoundsAllOfThemTogether() {
        ByteBudget shared = new ByteBudget(1000);
        ByteBudget one = new ByteBudget(800, shared);
        ByteBudget other = new ByteBudget(800, shared);
        assertThat(one.tryAcquire(700)).isTrue();

        assertThat(one.tryAcquire(200)).isFalse();
        assertThat(other.tryAcquire(400)).isFalse();
        assertThat(other.tryAcquire(300)).isTrue();
        assertThat(shared.used()).isEqualTo(1000);
        one.release(700);
        assertThat(other.tryAcquire(500)).isTrue();
        assertThat(shared.used()).isEqualTo(800);
    }

    @Test
    void aHoldGrowsWithinTheBudgetAndAloneToAnySize() {
        ByteBudget.Hold hold = Objects.requireNonNull(budget.tryHold(100));
        ByteBudget.Hold other = Objects.requireNonNull(budget.tryHold(500));

        assertThat(hold.tryGrowTo(501)).isFalse();
        assertThat(hold.tryGrowTo(500)).isTrue();
        assertThat(hold.tryGrowTo(50)).isTrue();
        assertThat(budget.used()).isEqualTo(1000);
        other.release();
        assertThat(hold.tryGrowTo(5000)).isTrue();

        hold.release();
        assertThat(budget.used()).isZero();
    }

    @Test
    void aHoldGivesItsBytesBackOnce() {
        ByteBudget.Hold first = Objects.requireNonNull(budget.tryHold(600));
        assertThat(budget.tryHold(600)).isNull();

        first.release();
        first.release();

        assertThat(first.bytes()).isZero();
        assertThat(budget.used()).isZero();
        assertThat(budget.tryHold(600)).isNotNull();
    }
}
