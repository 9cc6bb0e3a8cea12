package io.caskade.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.record.EpochHistory;
import org.junit.jupiter.api.Test;

class LogDivergenceTest {

    private static final EpochHistory NOTHING = EpochHistory.EMPTY;

    @Test
    void logsOfOneEpochDivergeAtTheEndOfTheShorter() {
        EpochHistory epochs = NOTHING.with(1, 1);

        assertThat(LogDivergence.of(epochs, 10, epochs, 7)).isEqualTo(7);
        assertThat(LogDivergence.of(epochs, 7, epochs, 10)).isEqualTo(7);
    }

    @Test
    void aTailOfAnOlderEpochIsDroppedEvenIfTheLeadersLogIsLonger() {
        EpochHistory leader = NOTHING.with(1, 1).with(3, 6);
        EpochHistory follower = NOTHING.with(1, 1);

        assertThat(LogDivergence.of(leader, 20, follower, 9)).isEqualTo(5);
    }

    @Test
    void afterTwoQuickFailoversTheNewestCommonEpochDecidesTheDivergencePoint() {
        EpochHistory leader = NOTHING.with(1, 1).with(4, 11);
        EpochHistory follower = NOTHING.with(1, 1).with(2, 9).with(3, 12);

        assertThat(LogDivergence.of(leader, 15, follower, 14)).isEqualTo(8);
    }

    @Test
    void logsThatShareNothingDivergeAtTheStart() {
        assertThat(LogDivergence.of(NOTHING.with(2, 1), 5, NOTHING.with(1, 1), 5))
                .isZero();
        assertThat(LogDivergence.of(NOTHING.with(2, 1), 5, NOTHING, 0)).isZero();
    }

    @Test
    void aLogDivergesFromItselfAtItsEnd() {
        EpochHistory epochs = NOTHING.with(1, 1).with(2, 5).with(7, 9);

        assertThat(LogDivergence.of(epochs, 30, epochs, 30)).isEqualTo(30);
    }
}
