package io.caskade.server.cluster;

/// One node's time as controller. No two terms share an epoch, and a later one has a greater epoch.
public record ControllerEpoch(int value) {}
