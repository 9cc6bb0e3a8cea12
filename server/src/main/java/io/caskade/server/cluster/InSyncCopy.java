package io.caskade.server.cluster;

/// A copy that is in sync, by its identity: a directory that was wiped comes back as another copy.
///
/// @param node the node that keeps it
/// @param copy the random id kept in its directory
public record InSyncCopy(String node, String copy) {

    /// Refuses a copy that cannot be told from others.
    public InSyncCopy {
        Invariant.check(!node.isEmpty(), "a copy has a node", copy);
        Invariant.check(!copy.isEmpty(), "a copy has an id", node);
    }
}
