package io.caskade.client;

/// A setting that all nodes of a cluster share, whatever their files say.
///
/// @param name  as in a node's file, `cluster.move-rate`
/// @param value as in a node's file, `64MiB`
/// @param fixed how it is changed otherwise; empty when it is changed by its name
public record ClusterSetting(String name, String value, String fixed) {}
