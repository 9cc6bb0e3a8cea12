package io.caskade.server.controller;

import java.util.Set;

/// What has been so for long enough to be acted on; see [Policy].
///
/// @param lost nodes that keep copies, or are to, and have not been registered
/// @param calm partitions that the same process has led
/// @param missed nodes that keep copies, or are to, and are not registered, but were a moment ago
public record Observed(Set<String> lost, Set<Integer> calm, Set<String> missed) {

    /// When nothing has lasted yet.
    public static final Observed NOTHING = new Observed(Set.of(), Set.of(), Set.of());

    /// An observation that does not change with what it was made of.
    public Observed {
        lost = Set.copyOf(lost);
        calm = Set.copyOf(calm);
        missed = Set.copyOf(missed);
    }
}
