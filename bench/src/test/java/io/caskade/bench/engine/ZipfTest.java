package io.caskade.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ZipfTest {

    @Test
    void ranksOccurInProportionToTheirWeights() {
        int bound = 1000;
        int draws = 200_000;
        int[] counts = new int[bound];
        Zipf zipf = new Zipf(bound);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < draws; i++) {
            counts[(int) zipf.next(random)]++;
        }

        double zeta = 0;
        for (int rank = 1; rank <= bound; rank++) {
            zeta += Math.pow(rank, -0.99);
        }
        assertThat(counts[0] / (double) draws).isCloseTo(1 / zeta, Offset.offset(0.01));
        assertThat(counts[1] / (double) draws).isCloseTo(Math.pow(2, -0.99) / zeta, Offset.offset(0.01));
        assertThat(counts[0]).isGreaterThan(counts[10]);
        assertThat(counts[10]).isGreaterThan(counts[500]);
    }
}
