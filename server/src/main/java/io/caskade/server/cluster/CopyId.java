package io.caskade.server.cluster;

/// The identity of a copy: a wiped data directory becomes another copy.
///
/// @param node the node that keeps it
/// @param copy the random id kept in its directory
public record CopyId(String node, String copy) {

    /// Rejects empty ids.
    public CopyId {
        Preconditions.check(!node.isEmpty(), "a copy must have a node", copy);
        Preconditions.check(!copy.isEmpty(), "a copy must have an id", node);
    }
}
