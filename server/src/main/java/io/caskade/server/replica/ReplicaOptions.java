package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import java.util.Set;

/// What a replica is from the start.
///
/// @param self the node and process it belongs to
/// @param copy its copy's identity
/// @param formerCopies the identities the copy had before it lost the proof that it has all it acknowledged
/// @param awaitsSync whether a record counts as held only once it is synced
/// @param maxInFlightBytes past this many bytes of unacknowledged records proposals are refused
/// @param idleMarkMillis after this long without a write, a MARK names the last ones as committed
/// @param mostKeptRemovals a copy that is further behind than so many records does not hold the purge horizon
///     back
/// @param timing how long copies wait for each other
/// @param streams the numbers of the process's streams come after this one; those of the node's other processes do not:
///     what was said on theirs may still arrive
public record ReplicaOptions(
        Leader self,
        InSyncCopy copy,
        Set<InSyncCopy> formerCopies,
        boolean awaitsSync,
        long maxInFlightBytes,
        long idleMarkMillis,
        long mostKeptRemovals,
        Timing timing,
        long streams) {}
