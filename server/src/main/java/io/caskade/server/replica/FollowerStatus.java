package io.caskade.server.replica;

import java.util.OptionalLong;

/// A snapshot of a follower's progress, as its leader knows it.
///
/// @param node its node
/// @param streaming whether its stream is open
/// @param acknowledgedEnd its acknowledged end; empty when it has acknowledged nothing in this epoch
/// @param lag the leader's log end minus that; empty when unknown
public record FollowerStatus(String node, boolean streaming, OptionalLong acknowledgedEnd, OptionalLong lag) {}
