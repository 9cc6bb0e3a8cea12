package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Runs in which clients ask any node: what another must answer is passed on, while leaders come and go.
class ProxySimulationTest {

    private static final int SEEDS = 30;
    private static final List<String> REACHED = List.of(
            "request passed on",
            "client answered",
            "client told outcome unknown",
            "client refused NOT_SERVING",
            "causal read answered");

    /// The tests of the plan notice all of them; chance does so too.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4|a request that was passed on is passed on again|a request is passed on once at most",
                "9|a write whose outcome is unknown is sent again|linearizable",
                "92|a write that a leader could not confirm is sent again|linearizable",
            })
    void aMistakeIsNoticed(long seed, String mistake, String invariant) throws Exception {
        Mutant mutant = ProxyMutants.all().stream()
                .filter(one -> one.mistake().equals(mistake))
                .findFirst()
                .orElseThrow();
        LongFunction<?> run = (LongFunction<?>) MutantCompiler.load(mutant)
                .loadClass(ProxySeedRun.class.getName())
                .getConstructor()
                .newInstance();

        assertThat(run.apply(seed)).isEqualTo(invariant);
        assertThat(Trial.proxying(seed).failure()).isNull();
    }

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
