package io.caskade.bitcask.inspect;

/// What a repair keeps of a damaged log.
public enum RepairMode {
    /// The longest whole prefix: what the log said up to the first damage, and nothing that was written
    /// later. It is a state the copy has been in.
    PREFIX,
    /// The newest readable value of every key, on both sides of the damage, as a new log with new sequences
    /// and a new epoch. Keys that were written in the records that are missing have an older value, or are
    /// back. It is no state the copy has ever been in, so it must not be shown to other copies of the
    /// partition.
    SALVAGE
}
