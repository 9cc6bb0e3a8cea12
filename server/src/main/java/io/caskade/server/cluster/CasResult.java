package io.caskade.server.cluster;

/// The outcome of a compare-and-set.
public sealed interface CasResult {

    /// It succeeded: the state is stored under `version`.
    record Won(int version) implements CasResult {}

    /// It failed for good: another state is stored, under a newer version than expected.
    record Lost(Versioned<PartitionState> current) implements CasResult {}

    /// It did not happen and never will: it was not sent, because ZooKeeper cannot be reached, or ZooKeeper
    /// refused it for another reason than a newer version.
    ///
    /// @param reason human-readable
    record NotDone(String reason) implements CasResult {}

    /// The answer was lost: it has succeeded, has failed, or may still succeed. Reading a newer version than
    /// the expected one decides it, as does winning another compare-and-set from the same version; a read of
    /// the old state does not.
    ///
    /// @param reason human-readable
    record Unknown(String reason) implements CasResult {}
}
