package io.caskade.client;

import java.util.List;

/// How far a node has come that is to lead nothing and to keep no copies.
///
/// @param leads the partitions it still leads
/// @param keeps the partitions it still keeps copies of
/// @param stuck those of them for which no other node has room
public record DrainProgress(List<Integer> leads, List<Integer> keeps, List<Integer> stuck) {

    /// Copies the lists.
    public DrainProgress {
        leads = List.copyOf(leads);
        keeps = List.copyOf(keeps);
        stuck = List.copyOf(stuck);
    }

    /// Whether nothing more is to be expected: it leads nothing, and what it keeps can be nowhere else.
    public boolean isOver() {
        return leads.isEmpty() && stuck.containsAll(keeps);
    }
}
