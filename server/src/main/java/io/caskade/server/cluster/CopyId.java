package io.caskade.server.cluster;

/// A copy that is in sync, by its identity: a directory that was wiped comes back as another copy.
///
/// @param node the node that keeps it
/// @param copy the random id kept in its directory
public record CopyId(String node, String copy) {

    /// Refuses a copy that cannot be told from others.
    public CopyId {
        Preconditions.check(!node.isEmpty(), "a copy has a node", copy);
        Preconditions.check(!copy.isEmpty(), "a copy has an id", node);
    }
}
