package io.caskade.server.cluster;

/// The settings and the secret that are stored once, when a cluster is formed.
public record BootstrapData(ClusterSettings settings, ClusterSecret secret) {}
