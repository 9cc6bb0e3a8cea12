package io.caskade.server.cluster;

/// One process of a node. A restarted node is another incarnation: a partition's leader is an incarnation, so a
/// restarted leader does not lead.
///
/// @param node the node's id
/// @param incarnation a random id, new with every start of the process
public record NodeIncarnation(String node, String incarnation) {

    /// Rejects empty ids.
    public NodeIncarnation {
        Preconditions.check(!node.isEmpty(), "an incarnation must have a node", incarnation);
        Preconditions.check(!incarnation.isEmpty(), "an incarnation must have an id", node);
    }
}
