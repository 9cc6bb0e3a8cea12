package io.caskade.server.controller;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// What must change for a [MoveGoal]: nodes to be marked or unmarked as draining, and partitions to be
/// reassigned. Planned again when all of it is stored, it has no moves left.
///
/// @param drain the nodes to be drained
/// @param undrain the nodes to be available again
/// @param moves the partitions to be reassigned, by id
/// @param inProgress the reassignments in progress that the moves do not replace, by id
public record MovePlan(SortedSet<String> drain, SortedSet<String> undrain, List<Move> moves, List<Move> inProgress) {

    /// One partition's replicas before and after, the preferred replica first.
    ///
    /// @param from the nodes that it is kept by, or that it is being reassigned to
    /// @param to the nodes that are to keep it
    public record Move(int partition, List<String> from, List<String> to) {

        /// Copies the lists.
        public Move {
            from = List.copyOf(from);
            to = List.copyOf(to);
        }

        /// The nodes that need a copy they do not have.
        public List<String> added() {
            return to.stream().filter(node -> !from.contains(node)).toList();
        }
    }

    /// Copies the collections.
    public MovePlan {
        drain = new TreeSet<>(drain);
        undrain = new TreeSet<>(undrain);
        moves = List.copyOf(moves);
        inProgress = List.copyOf(inProgress);
    }

    /// Whether nothing has to change.
    public boolean isEmpty() {
        return drain.isEmpty() && undrain.isEmpty() && moves.isEmpty();
    }
}
