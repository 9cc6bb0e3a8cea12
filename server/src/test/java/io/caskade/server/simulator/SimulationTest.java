package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Runs of the simulation. `make simulate SEEDS=n` runs many, and prints what they have reached; `make simulate
/// SEED=n` runs one, and leaves what happened in it, event by event, in `server/target/simulation-n.txt`.
class SimulationTest {

    private static final int SEEDS = 200;
    private static final String SEEDS_ASKED = "simulation.seeds";
    private static final String SEED_ASKED = "simulation.seed";

    /// What any few hundred seeds come by; a fault that never strikes and a path that is never taken prove
    /// nothing.
    private static final List<String> REACHED = List.of(
            "administrator told Change",
            "administrator told Refused",
            "administrator told Unneeded",
            "answer waited for the log to tell the time",
            "append refused, disk full",
            "causal read answered",
            "causal read refused NOT_REACHED",
            "client answered by the leader alone",
            "client refused NOT_ENOUGH_REPLICAS",
            "client refused NOT_LEADER",
            "client timed out",
            "client told outcome unknown",
            "compare-and-set lost",
            "compare-and-set unknown",
            "compare-and-set won",
            "copy rebuilt",
            "fault bit flipped",
            "fault connection broken",
            "fault coordinator ANSWERS_LOST",
            "fault coordinator CUT",
            "fault coordinator CUT long",
            "fault coordinator away from all",
            "fault coordinator slow",
            "fault disk full",
            "fault disk hangs",
            "fault disk lost",
            "fault disk slow",
            "fault long pause",
            "fault machine suspended",
            "fault merge",
            "fault network misbehaves",
            "fault network split",
            "fault network split, coordinator ANSWERS_LOST on one side",
            "fault network split, coordinator CUT on one side",
            "fault node cut off",
            "fault one-way cut",
            "fault power failure",
            "fault power failure of all",
            "fault process killed",
            "fault restarted in order",
            "fault session expired",
            "fault short pause",
            "fault sync fails",
            "fault wall clock set",
            "drained node taken back",
            "log truncated",
            "message doubled",
            "message lost",
            "message very late",
            "move: begun",
            "move: copy added",
            "move: copy left the in-sync set",
            "move: copy taken off",
            "move: ended",
            "move: goes elsewhere",
            "node drained",
            "role Claiming to Establishing",
            "role Claiming to Following",
            "role Draining to Serving",
            "role Draining to Stopped",
            "role Draining to Yielding",
            "role Establishing to Serving",
            "role Fenced to Rebuilding",
            "role Following to Claiming",
            "role Following to Establishing",
            "role Rebuilding to Following",
            "role Serving to Following",
            "role Serving to Fenced",
            "role Yielding to Following",
            "role Yielding to Stopped",
            "store refused, disk full",
            "successor leads",
            "successor named",
            "successor withdrawn",
            "write lost that the leader alone had acknowledged");

    @Test
    void clustersKeepTheirPromisesWhateverHappens() throws Exception {
        Long seed = Long.getLong(SEED_ASKED);
        if (seed != null) {
            replay(seed);
            return;
        }
        int seeds = Integer.getInteger(SEEDS_ASKED, SEEDS);
        Coverage coverage = new Coverage();
        long begun = System.nanoTime();
        for (int i = 1; i <= seeds; i++) {
            coverage.add(new Simulation(i, null).run());
        }
        long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun));
        System.out.printf("%d seeds, %d a minute%n%s", seeds, seeds * 60L / seconds, coverage);
        if (seeds >= SEEDS) {
            assertThat(coverage.counts().keySet()).containsAll(REACHED);
        }
    }

    @Test
    void aSeedGivesTheSameRunEventForEvent() {
        assertThat(transcript(3)).isNotEmpty().isEqualTo(transcript(3));
    }

    private static List<String> transcript(long seed) {
        List<String> lines = new ArrayList<>();
        new Simulation(seed, lines::add).run();
        return lines;
    }

    private static void replay(long seed) throws Exception {
        List<String> lines = new ArrayList<>();
        try {
            new Simulation(seed, lines::add).run();
        } finally {
            Files.write(Path.of("target", "simulation-" + seed + ".txt"), lines);
        }
    }
}
