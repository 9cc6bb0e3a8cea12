package io.caskade.server.controller;

import java.util.Set;

/// Conditions that have lasted long enough to act on; see [Policy].
///
/// @param lostNodes assigned nodes that have been absent for longer than `replaceAfterMillis`
/// @param stablePartitions partitions whose leader has led for longer than `stableLeaderMillis`
/// @param recentlyLostNodes assigned nodes that are absent, but only briefly
public record Observations(Set<String> lostNodes, Set<Integer> stablePartitions, Set<String> recentlyLostNodes) {

    /// No observations.
    public static final Observations NONE = new Observations(Set.of(), Set.of(), Set.of());

    /// Copies the sets.
    public Observations {
        lostNodes = Set.copyOf(lostNodes);
        stablePartitions = Set.copyOf(stablePartitions);
        recentlyLostNodes = Set.copyOf(recentlyLostNodes);
    }
}
