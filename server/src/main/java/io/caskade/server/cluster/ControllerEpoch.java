package io.caskade.server.cluster;

/// The epoch of one elected controller. Every controller has an epoch of its own, greater than those before it.
public record ControllerEpoch(int value) {}
