package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Logs changes of the in-sync set while this copy leads, each once it is stored, with its reason.
final class IsrChangeLogger {

    private int epoch;
    private Set<CopyId> lastLogged = Set.of();
    private final Map<CopyId, String> causes = new HashMap<>();

    /// Remembers why a copy is being removed.
    void recordLeaveReason(CopyId leaving, String cause) {
        causes.put(leaving, cause);
    }

    /// Logs what changed in the ISR. The election itself logs the first set.
    void onState(PartitionState state, Effects.Builder effects) {
        boolean changed = state.epoch() == epoch && !state.isr().equals(lastLogged);
        if (changed) {
            effects.info("in sync now: " + nodeNames(state.isr()) + difference(state.isr()));
        }
        if (changed || state.epoch() != epoch) {
            epoch = state.epoch();
            lastLogged = state.isr();
            causes.clear();
        }
    }

    /// Compared by node: a copy replaced by another one on the same node has not left.
    private String difference(Set<CopyId> isr) {
        Map<String, String> said = new TreeMap<>();
        for (CopyId copy : without(lastLogged, isr)) {
            String cause = causes.get(copy);
            said.put(copy.node(), copy.node() + " left" + (cause == null ? "" : ": " + cause));
        }
        for (CopyId copy : without(isr, lastLogged)) {
            said.put(copy.node(), copy.node() + " has caught up");
        }
        return said.values().stream().map(line -> "; " + line).collect(Collectors.joining());
    }

    private static Set<CopyId> without(Set<CopyId> some, Set<CopyId> others) {
        Set<CopyId> left = new HashSet<>(some);
        left.removeAll(others);
        return left;
    }

    /// The copies' nodes, human-readable.
    static String nodeNames(Set<CopyId> copies) {
        return String.join(", ", copies.stream().map(CopyId::node).collect(Collectors.toCollection(TreeSet::new)));
    }
}
