package io.caskade.server.cluster;

/// The identity of a copy: a data directory that was wiped comes back as another copy.
///
/// @param node the node that keeps it
/// @param copy the random id kept in its directory
public record CopyId(String node, String copy) {

    /// Rejects empty ids.
    public CopyId {
        Preconditions.check(!node.isEmpty(), "a copy has a node", copy);
        Preconditions.check(!copy.isEmpty(), "a copy has an id", node);
    }
}
