package io.caskade.server.controller;

import java.util.Set;

/// What has lasted long enough to act on; see [Policy].
///
/// @param lostNodes assigned nodes that have been absent for long
/// @param stablePartitions partitions whose leader has led for long
/// @param recentlyLostNodes assigned nodes that are absent, but only briefly
public record Observations(Set<String> lostNodes, Set<Integer> stablePartitions, Set<String> recentlyLostNodes) {

    /// When nothing has lasted yet.
    public static final Observations NONE = new Observations(Set.of(), Set.of(), Set.of());

    /// An observation that does not change with what it was made of.
    public Observations {
        lostNodes = Set.copyOf(lostNodes);
        stablePartitions = Set.copyOf(stablePartitions);
        recentlyLostNodes = Set.copyOf(recentlyLostNodes);
    }
}
