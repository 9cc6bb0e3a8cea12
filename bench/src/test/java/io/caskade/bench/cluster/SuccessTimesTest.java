package io.caskade.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bench.cluster.SuccessTimes.Gap;
import org.junit.jupiter.api.Test;

class SuccessTimesTest {

    private final SuccessTimes times = new SuccessTimes(2);

    private void succeeded(int stream, long... moments) {
        for (long moment : moments) {
            times.add(stream, moment);
        }
    }

    @Test
    void theGapIsTheLongestOfAnyStream() {
        succeeded(0, 10, 20, 30, 40, 50, 60);
        succeeded(1, 10, 20, 55, 60);

        assertThat(times.longestGap(15, 60)).isEqualTo(35);
    }

    @Test
    void successesCountInTheOrderOfTheirTimes() {
        succeeded(0, 10, 50, 30);
        succeeded(1, 10, 30, 50);

        assertThat(times.longestGap(10, 50)).isEqualTo(20);
    }

    @Test
    void aGapThatBeganBeforeTheSpanCountsFromTheSpansStart() {
        succeeded(0, 10, 70);
        succeeded(1, 30, 70);

        assertThat(times.longestGap(40, 75)).isEqualTo(60);
    }

    @Test
    void anOpenGapCountsUpToTheEnd() {
        succeeded(0, 10, 20);
        succeeded(1, 10, 90);

        assertThat(times.longestGap(10, 100)).isEqualTo(80);
        assertThat(times.longestGap(15, 100)).isEqualTo(80);
    }

    @Test
    void gapsThatEndedBeforeTheSpanDoNotCount() {
        succeeded(0, 0, 50, 60, 70);
        succeeded(1, 0, 50, 60, 70);

        assertThat(times.longestGap(55, 70)).isEqualTo(10);
    }

    @Test
    void everyStreamMustHaveSucceededAfterAMoment() {
        succeeded(0, 10, 30);
        succeeded(1, 10);

        assertThat(times.allAfter(5)).isTrue();
        assertThat(times.allAfter(20)).isFalse();
    }

    @Test
    void gapsSayWhereAndWhenTheyWere() {
        succeeded(0, 10, 20, 60);
        succeeded(1, 10, 40, 70);

        assertThat(times.gaps(10, 70, 30)).containsExactly(new Gap(0, 20, 40), new Gap(1, 10, 30), new Gap(1, 40, 30));
    }
}
