package io.caskade.server.cluster;

/// The epoch of an elected controller, greater than those of all controllers before it.
public record ControllerEpoch(int value) {}
