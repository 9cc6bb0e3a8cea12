package io.caskade.client;

import java.util.List;

/// What an administrator wants of where a cluster keeps its copies.
public sealed interface MoveGoal {

    /// One partition is kept by these nodes, the preferred leader first.
    record Reassign(int partition, List<String> replicas) implements MoveGoal {

        /// Copies the list.
        public Reassign {
            replicas = List.copyOf(replicas);
        }
    }

    /// A node takes its share of copies and leaders from the nodes that keep most.
    record AddNode(String node) implements MoveGoal {}

    /// A node keeps nothing, and gets nothing until it is added again.
    record RemoveNode(String node) implements MoveGoal {}

    /// Copies and leaders are spread evenly over nodes and racks.
    record Rebalance() implements MoveGoal {}

    /// Each partition has so many copies.
    record ReplicationFactor(int copies) implements MoveGoal {}
}
