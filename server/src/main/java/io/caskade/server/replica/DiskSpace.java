package io.caskade.server.replica;

/// How much room a copy's disk has, as its node last found.
public enum DiskSpace {
    /// Enough for many writes: the copy can lead.
    ROOM,

    /// Little: the copy takes writes, but should not be given the lead.
    LOW,

    /// None: a leader refuses puts.
    FULL
}
