package io.caskade.server.cluster;

/// What became of a compare-and-set.
public sealed interface CasResult {

    /// It happened: the state is stored under `version`.
    record Won(int version) implements CasResult {}

    /// It did not happen and never will: another state is stored, under a newer version than the expected one.
    record Lost(Versioned<PartitionState> current) implements CasResult {}

    /// It did not happen and never will: it was not sent, because ZooKeeper cannot be reached, or ZooKeeper
    /// refused it for another reason than a newer version.
    ///
    /// @param reason human-readable
    record NotDone(String reason) implements CasResult {}

    /// The answer was lost: it happened, or did not, or is yet to happen. It is settled by reading a newer
    /// version than the expected one, or by winning another compare-and-set from the same version; a read that
    /// shows the old state settles nothing.
    ///
    /// @param reason for people
    record Unknown(String reason) implements CasResult {}
}
