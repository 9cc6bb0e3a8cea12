package io.caskade.server.controller;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// What an administrator wants of where copies are kept. [MovePlanner] says what must move for it.
public sealed interface MoveGoal {

    /// One partition is kept by these nodes, the preferred replica first.
    record Reassign(int partition, List<String> replicas) implements MoveGoal {

        /// Copies the list.
        public Reassign {
            replicas = List.copyOf(replicas);
        }
    }

    /// A node takes its share of copies and leaders from the nodes that keep most.
    record AddNode(String node) implements MoveGoal {}

    /// A node keeps nothing; others take its copies.
    record RemoveNode(String node) implements MoveGoal {}

    /// Copies and leaders are spread evenly over all available nodes, and over racks.
    record Rebalance() implements MoveGoal {}

    /// Each partition has so many copies.
    record ReplicationFactor(int copies) implements MoveGoal {}

    /// Exactly these nodes keep copies, evenly, and each partition has so many; other nodes are drained.
    record View(SortedSet<String> nodes, int copies) implements MoveGoal {

        /// Copies the set.
        public View {
            nodes = new TreeSet<>(nodes);
        }
    }
}
