package io.caskade.bitcask;

/// When a write is acknowledged, and what a crash can lose.
public enum Durability {
    /// Once it is synced to the disk. A crash of the machine loses nothing that was acknowledged.
    SYNC,
    /// Once it is in the log; a sync follows at a fixed interval. A crash of the process loses nothing; a crash
    /// of the machine loses the writes of about one interval.
    INTERVAL,
    /// Once it is in the log; the operating system decides when to sync. A crash of the process loses nothing.
    NONE
}
