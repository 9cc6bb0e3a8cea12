package io.caskade.client;

import java.util.List;

/// What must move for a [MoveGoal].
///
/// @param moves the partitions to be moved, by number
/// @param inProgress the moves that were stored before and are not done, by partition
public record MovePlan(List<Move> moves, List<Move> inProgress) {

    /// Copies the lists.
    public MovePlan {
        moves = List.copyOf(moves);
        inProgress = List.copyOf(inProgress);
    }

    /// A partition's nodes before and after, the preferred leader first.
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
}
