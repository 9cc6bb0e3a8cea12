package io.caskade.server.replica;

import java.util.OptionalLong;

/// Another copy as its leader knew it at one time.
///
/// @param node who keeps it
/// @param streaming whether it is being streamed to
/// @param acknowledgedEnd the last record of the leader's log it is known to hold safely; empty when nothing
///     was heard of it in this epoch
/// @param lag how many records of the leader's log it lacks by that; empty when that is not known
public record FollowerStatus(String node, boolean streaming, OptionalLong acknowledgedEnd, OptionalLong lag) {}
