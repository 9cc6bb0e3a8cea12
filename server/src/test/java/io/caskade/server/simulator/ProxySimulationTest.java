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

    /// The tests of the plan notice all of them; chance does so too. The seed that did so last comes first.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3|a request that was passed on is passed on again|a request is passed on once at most",
                "3|a write whose outcome is unknown is sent again|linearizable",
                "254|a write that a leader could not confirm is sent again|linearizable",
            })
    void aMistakeIsNoticed(long likely, String mistake, String invariant) throws Exception {
        Mutant mutant = ProxyMutants.all().stream()
                .filter(one -> one.mistake().equals(mistake))
                .findFirst()
                .orElseThrow();
        LongFunction<?> run = (LongFunction<?>) MutantCompiler.load(mutant)
                .loadClass(ProxySeedRun.class.getName())
                .getConstructor()
                .newInstance();

        long noticing = MutantsTest.seedsFrom(likely)
                .filter(seed -> invariant.equals(run.apply(seed)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no seed notices it"));
        assertThat(Trial.proxying(noticing).failure()).as("seed %d", noticing).isNull();
        System.out.println(mistake + ": seed " + noticing);
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
