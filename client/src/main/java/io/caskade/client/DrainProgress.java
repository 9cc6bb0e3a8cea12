package io.caskade.client;

import java.util.List;

/// The progress of draining a node.
///
/// @param leads the partitions it still leads
/// @param keeps the partitions it still has copies of
/// @param stuck those of them that no other node has room for
public record DrainProgress(List<Integer> leads, List<Integer> keeps, List<Integer> stuck) {

    /// Copies the lists.
    public DrainProgress {
        leads = List.copyOf(leads);
        keeps = List.copyOf(keeps);
        stuck = List.copyOf(stuck);
    }

    /// Whether draining is over: the node leads nothing, and no other node has room for what it keeps.
    public boolean isOver() {
        return leads.isEmpty() && stuck.containsAll(keeps);
    }
}
