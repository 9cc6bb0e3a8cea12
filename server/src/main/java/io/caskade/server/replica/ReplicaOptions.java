package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import java.util.Set;

/// What a replica is from the start.
///
/// @param incarnation the node and process it belongs to
/// @param copyId its copy's identity
/// @param formerCopyIds the identities the copy had before it lost the proof that it has all it acknowledged
/// @param awaitsSync whether a record counts as held only once it is synced
/// @param maxInFlightBytes past this many bytes of unacknowledged records proposals are refused
/// @param idleMarkMillis after this long without a write, a MARK names the last ones as committed
/// @param maxRetainedTombstones a copy that is further behind than so many records does not hold the purge
///     horizon back
/// @param timeouts how long copies wait for each other
/// @param lastStream the numbers of the process's streams come after this one; those of the node's other
///     processes do not: what was said on theirs may still arrive
public record ReplicaOptions(
        NodeIncarnation incarnation,
        CopyId copyId,
        Set<CopyId> formerCopyIds,
        boolean awaitsSync,
        long maxInFlightBytes,
        long idleMarkMillis,
        long maxRetainedTombstones,
        Timeouts timeouts,
        long lastStream) {}
