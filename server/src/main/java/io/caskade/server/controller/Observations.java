package io.caskade.server.controller;

import java.util.Set;

/// What has lasted long enough to act on; see [Policy].
///
/// @param lost assigned nodes that have been absent for long
/// @param stable partitions whose leader has led for long
/// @param recentlyLost assigned nodes that are absent, but only briefly
public record Observations(Set<String> lost, Set<Integer> stable, Set<String> recentlyLost) {

    /// When nothing has lasted yet.
    public static final Observations NONE = new Observations(Set.of(), Set.of(), Set.of());

    /// An observation that does not change with what it was made of.
    public Observations {
        lost = Set.copyOf(lost);
        stable = Set.copyOf(stable);
        recentlyLost = Set.copyOf(recentlyLost);
    }
}
