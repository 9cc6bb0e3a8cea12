package io.caskade.server.cluster;

/// Who leads a partition: one process of one node. Another process of the same node is another leader.
public record Leader(String node, String incarnation) {

    /// Refuses a leader that cannot be told from others.
    public Leader {
        Invariant.check(!node.isEmpty(), "a leader has a node", incarnation);
        Invariant.check(!incarnation.isEmpty(), "a leader has an incarnation", node);
    }
}
