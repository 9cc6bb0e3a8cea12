package io.caskade.server.cluster;

/// What is written once, when a cluster is formed.
public record BootstrapData(ClusterSettings settings, ClusterSecret secret) {}
