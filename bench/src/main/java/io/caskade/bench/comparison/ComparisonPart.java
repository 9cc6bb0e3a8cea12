package io.caskade.bench.comparison;

import java.util.Locale;
import java.util.Set;

/// What can be measured apart from the rest.
public enum ComparisonPart {
    /// The machine's loopback and disk.
    LIMITS,
    /// A cluster in its first half minute, and later.
    COLD,
    /// A cluster over each protocol beside peers of three nodes.
    THREE_NODES,
    /// One node beside one Redis that syncs before each answer, loaded by redis-benchmark.
    ONE_NODE,
    /// One node, and one Redis, with 10,000 idle connections.
    IDLE;

    /// Whether parts need a cluster of Caskade.
    public static boolean needCluster(Set<ComparisonPart> parts) {
        return parts.contains(COLD) || parts.contains(THREE_NODES);
    }

    /// Whether parts need one node, and peers of one node.
    public static boolean needOneNode(Set<ComparisonPart> parts) {
        return parts.contains(ONE_NODE) || parts.contains(IDLE);
    }

    /// As people write it.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
