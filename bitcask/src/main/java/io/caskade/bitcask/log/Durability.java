package io.caskade.bitcask.log;

/// When a write counts as kept.
public enum Durability {
    /// When it is synced to the disk. A crash of the machine loses nothing that was acknowledged.
    SYNC,
    /// When it is in the log; a sync follows at a fixed interval. A crash of the process loses nothing, a
    /// crash of the machine the writes of about one interval.
    INTERVAL,
    /// When it is in the log; the operating system syncs when it likes. A crash of the process loses nothing.
    NONE
}
