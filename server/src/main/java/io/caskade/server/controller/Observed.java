package io.caskade.server.controller;

import java.util.Set;

/// What has been so for long enough to be acted on; see [Policy].
///
/// @param lost nodes that keep copies, or are to, and have not been registered
/// @param calm partitions that the same process has led
public record Observed(Set<String> lost, Set<Integer> calm) {

    /// When nothing has lasted yet.
    public static final Observed NOTHING = new Observed(Set.of(), Set.of());

    /// An observation that does not change with what it was made of.
    public Observed {
        lost = Set.copyOf(lost);
        calm = Set.copyOf(calm);
    }
}
