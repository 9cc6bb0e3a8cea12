package io.caskade.client;

import java.util.List;

/// The progress of draining a node.
///
/// @param leading the partitions it still leads
/// @param remaining the partitions it still has copies of
/// @param unplaceable those of them that no other node can take
public record DrainProgress(List<Integer> leading, List<Integer> remaining, List<Integer> unplaceable) {

    /// Copies the lists.
    public DrainProgress {
        leading = List.copyOf(leading);
        remaining = List.copyOf(remaining);
        unplaceable = List.copyOf(unplaceable);
    }

    /// Whether draining is complete: the node leads nothing, and no other node can take its remaining copies.
    public boolean isComplete() {
        return leading.isEmpty() && unplaceable.containsAll(remaining);
    }
}
