package io.caskade.server.config;

/// When a write counts as held by a copy.
public enum Durability {
    /// After it reached the disk.
    SYNC,
    /// After it reached the operating system; the disk follows at an interval.
    INTERVAL,
    /// After it reached the operating system; the disk follows when that pleases.
    NONE
}
