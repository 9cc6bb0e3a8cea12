package io.caskade.server.cluster;

/// The settings and the secret, stored once when the cluster is formed.
public record BootstrapData(ClusterSettings settings, ClusterSecret secret) {}
