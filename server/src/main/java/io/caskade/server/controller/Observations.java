package io.caskade.server.controller;

import java.util.Set;

/// What has been so for long enough to be acted on; see [Policy].
///
/// @param lost nodes that keep copies, or are to, and have not been registered
/// @param stable partitions that the same process has led
/// @param recentlyLost nodes that keep copies, or are to, and are not registered, but were a moment ago
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
