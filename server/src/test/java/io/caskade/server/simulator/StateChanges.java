package io.caskade.server.simulator;

import io.caskade.server.cluster.PartitionState;
import java.util.HashSet;
import java.util.Set;

/// What may replace a stored state, no matter which node writes it. Counts the steps of moves.
///
/// - *One step at a time*: one copy is added or taken off, and no more are kept than one beyond the target.
/// - *No copy goes too early*: a copy is taken off when all that stay are in sync.
/// - *Enough stay in sync*: in one epoch no copy leaves the ISR when fewer than min-insync would stay.
/// - *One controller writes*: none of an earlier term once a later one has begun.
/// - *Epochs grow*: who leads changes with the epoch, which never falls.
final class StateChanges {

    private final Simulation simulation;
    private int newestTerm;

    StateChanges(Simulation simulation) {
        this.simulation = simulation;
    }

    /// A controller's term has begun, or it has written.
    void inTerm(int epoch) {
        if (epoch < newestTerm) {
            throw simulation
                    .invariants()
                    .broken("one controller writes", "in term " + epoch + ", though " + newestTerm + " had begun");
        }
        newestTerm = epoch;
    }

    void changed(PartitionState before, PartitionState after) {
        boolean sameLeader = before.epoch() == after.epoch()
                && (before.leader() == null || before.leader().equals(after.leader()));
        check(before.epoch() < after.epoch() || sameLeader, "epochs grow", before, after);
        if (before.epoch() == 0) {
            return;
        }
        count(before, after);
        Set<String> added = without(after, before);
        Set<String> removed = without(before, after);
        check(added.size() + removed.size() <= 1, "one step at a time", before, after);
        if (!added.isEmpty()) {
            reached("move: copy added");
            check(
                    before.replicas().size() <= before.targetReplicas().size() && isSettled(before),
                    "one step at a time",
                    before,
                    after);
        }
        if (!removed.isEmpty()) {
            reached("move: copy taken off");
            check(isSettled(after), "no copy goes too early", before, after);
        }
        boolean shrinks = after.isr().size() < before.isr().size() && before.epoch() == after.epoch();
        check(!shrinks || after.isr().size() >= after.minInSync(), "enough stay in sync", before, after);
    }

    private static Set<String> without(PartitionState one, PartitionState other) {
        Set<String> nodes = new HashSet<>(one.replicas());
        other.replicas().forEach(nodes::remove);
        return nodes;
    }

    private static boolean isSettled(PartitionState state) {
        return state.replicas().stream()
                .filter(state::isStaying)
                .allMatch(node -> state.inSyncCopyOf(node).isPresent());
    }

    private void count(PartitionState before, PartitionState after) {
        if (!before.isReassigning() && after.isReassigning()) {
            reached("move: begun");
        } else if (before.isReassigning() && !after.isReassigning()) {
            reached("move: ended");
        } else if (!before.target().equals(after.target())) {
            reached("move: goes elsewhere");
        }
        boolean lets = after.isReassigning()
                && before.isr().stream().anyMatch(copy -> !after.isStaying(copy.node()) && !after.isInSync(copy));
        if (lets) {
            reached("move: copy left the in-sync set");
        }
        if (before.successor() == null && after.successor() != null) {
            reached("successor named");
        } else if (before.successor() != null && after.successor() == null) {
            boolean leads = after.leader() != null && after.leader().node().equals(before.successor());
            reached(leads ? "successor leads" : "successor withdrawn");
        }
    }

    private void reached(String what) {
        simulation.coverage().reached(what);
    }

    private void check(boolean holds, String invariant, PartitionState before, PartitionState after) {
        if (!holds) {
            throw simulation.invariants().broken(invariant, before + " became " + after);
        }
    }
}
