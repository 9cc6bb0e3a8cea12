package io.caskade.server.controller;

/// How the controller keeps the cluster. The same on all nodes, lest they undo what another has done.
///
/// @param placement how many copies there are
/// @param replaceAfterMillis a node that has not been registered for so long has its copies kept by others; 0 for
///     never
/// @param balanceLeaders whether partitions are led by their preferred replicas when those can
/// @param calmMillis how long a leader has led before it is asked to hand over to a preferred one
public record Policy(Placement placement, long replaceAfterMillis, boolean balanceLeaders, long calmMillis) {

    /// How long nodes let a leader lead before a preferred one takes its place.
    public static final long CALM_MILLIS = 10_000;

    /// Refuses times that have passed before they begin.
    public Policy {
        if (replaceAfterMillis < 0 || calmMillis < 0) {
            throw new IllegalArgumentException(
                    "replaces nodes after " + replaceAfterMillis + " ms, leaders after " + calmMillis + " ms");
        }
    }
}
