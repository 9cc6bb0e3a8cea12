package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Runs in which clients ask any node: what another must answer is passed on, while leaders come and go.
class ProxySimulationTest {

    private static final int SEEDS = 30;
    private static final List<String> REACHED = List.of(
            "request passed on",
            "client answered",
            "client told outcome unknown",
            "client refused NOT_SERVING",
            "causal read answered");

    @Test
    void requestsThatArePassedOnKeepTheInvariants() {
        Coverage coverage = new Coverage();
        LongStream.rangeClosed(1, Integer.getInteger("simulation.seeds", SEEDS))
                .parallel()
                .mapToObj(Trial::proxying)
                .forEach(trial -> {
                    assertThat(trial.failure()).as("seed %d", trial.seed()).isNull();
                    synchronized (coverage) {
                        coverage.add(trial.coverage());
                    }
                });
        System.out.println(coverage);
        assertThat(coverage.missing(REACHED)).isEmpty();
    }
}
