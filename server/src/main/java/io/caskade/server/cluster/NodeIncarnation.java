package io.caskade.server.cluster;

/// Who leads a partition: one process of one node. Another process of the same node is another leader.
public record NodeIncarnation(String node, String incarnation) {

    /// Refuses a leader that cannot be told from others.
    public NodeIncarnation {
        Preconditions.check(!node.isEmpty(), "a leader has a node", incarnation);
        Preconditions.check(!incarnation.isEmpty(), "a leader has an incarnation", node);
    }
}
