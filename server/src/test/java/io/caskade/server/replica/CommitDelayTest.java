package io.caskade.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommitDelayTest {

    private final CommitDelay delay = new CommitDelay();
    private long now = 1_000;

    @Test
    void aGroupWaitsUntilMostOfTheExpectedWritersHaveCome() {
        commitsTake(5);

        commit(10, 6);

        assertThat(delay.delays(1, at(now))).isTrue();
        assertThat(delay.delays(13, at(now))).isTrue();
        assertThat(delay.delays(14, at(now))).as("two of sixteen are missing").isFalse();
    }

    @Test
    void itWaitsNoLongerThanTwoMilliseconds() {
        commitsTake(50);

        commit(10, 6);

        assertThat(delay.delays(7, at(now + 1))).isTrue();
        assertThat(delay.delays(7, at(now + 2))).isFalse();
    }

    @Test
    void itWaitsNoLongerThanTwoCommitsTake() {
        commitsTake(1, 0);

        commit(10, 6);

        assertThat(delay.delays(7, at(now))).isTrue();
        assertThat(delay.delays(7, at(now + 1))).isFalse();
    }

    @Test
    void nothingWaitsWhereCommitsAreQuick() {
        commitsTake(50);
        commitsTake(0, 1, 0, 0, 0);

        commit(10, 6);

        assertThat(delay.delays(7, at(now))).isFalse();
    }

    @Test
    void aWriterAloneNeverWaits() {
        commitsTake(5);

        commit(1, 0);

        assertThat(delay.delays(1, at(now))).isFalse();
    }

    @Test
    void writersThatComeAtTheirOwnPaceSeldomWait() {
        int perMilli = 3;
        commitsTake(2);
        int delays = 0;
        int group = 6;
        for (int i = 0; i < 1_000; i++) {
            int waiting = 2 * perMilli;
            commit(group, waiting);
            group = waiting;
            if (delay.delays(waiting, at(now))) {
                delays++;
                now += 2;
                group += 2 * perMilli;
            }
            delay.onAppend(group, at(now));
            now += 2;
        }

        assertThat(delays).isBetween(10, 25);
    }

    @Test
    void writersThatWriteAgainWhenTheyAreAnsweredAlwaysWait() {
        commitsTake(2);
        for (int i = 0; i < 1_000; i++) {
            commit(14, 2);
            assertThat(delay.delays(2, at(now))).isTrue();
            now += 1;
            delay.onAppend(12, at(now));
            now += 2;
        }
    }

    @Test
    void afterOneThatWasWorthwhileThereAreAsManyAsBefore() {
        commitsTake(5);
        delayInVain();
        commit(10, 6);
        assertThat(delay.delays(7, at(now))).as("the one before was in vain").isFalse();
        delay.onAppend(16, at(now));

        for (int i = 0; i < 2; i++) {
            commit(10, 6);
            assertThat(delay.delays(7, at(now))).isTrue();
            delay.onAppend(14, at(now));
        }
    }

    /// Enough were there, or the group could not wait.
    @Test
    void aGroupThatDidNotWaitHasNotWaitedInVain() {
        commitsTake(5);
        commit(2, 14);
        assertThat(delay.delays(14, at(now))).isFalse();
        delay.onAppend(14, at(now));
        commit(10, 0);
        delay.onAppend(1, at(now));

        commit(10, 6);

        assertThat(delay.delays(7, at(now))).isTrue();
    }

    @Test
    void theGroupIsLookedAtAgainAtTheEndOfTheDelay() {
        commitsTake(5);
        commit(10, 6);
        assertThat(delay.wakeUpAfter(at(now + 1))).isEqualTo(1);
        assertThat(delay.wakeUpAfter(at(now + 1))).as("once is enough").isZero();

        commit(10, 6);

        assertThat(delay.wakeUpAfter(at(now))).isEqualTo(2);
    }

    private void delayInVain() {
        commit(10, 6);
        assertThat(delay.delays(6, at(now))).isTrue();
        delay.onAppend(6, at(now));
    }

    /// A writer alone commits so often that the mean is that of these times.
    private void commitsTake(long... millis) {
        for (int i = 0; i < 100; i++) {
            delay.onAppend(1, at(now));
            now += millis[i % millis.length];
            delay.onCommit(1, 0, at(now));
        }
        delay.onAppend(1, at(now));
        now += millis[0];
    }

    private void commit(int answered, int waiting) {
        delay.onCommit(answered, waiting, at(now));
    }

    private static ClockReading at(long millis) {
        return new ClockReading(millis, millis);
    }
}
