package io.caskade.server.admin;

/// A setting that all nodes share.
///
/// @param name as in a node's file, `cluster.move-rate`
/// @param value as in a node's file, `64MiB`
/// @param fixed how it is changed otherwise; empty when administrators change it by its name
public record SharedSetting(String name, String value, String fixed) {}
