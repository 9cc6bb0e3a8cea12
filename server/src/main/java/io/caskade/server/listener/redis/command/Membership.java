package io.caskade.server.listener.redis.command;

import io.caskade.server.cluster.SessionState;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/// Whether this node is a part of the cluster, or cut off from it.
///
/// @param session the state of its session with ZooKeeper
/// @param leases whether its copy of a partition leads with a lease that has not expired
public record Membership(Supplier<SessionState> session, IntPredicate leases) {

    /// Whether what this node knows of the cluster may be old, because it cannot reach ZooKeeper.
    boolean isDisconnected() {
        return session.get() != SessionState.CONNECTED;
    }

    /// Whether the others may take it for dead: its session has expired.
    boolean isCutOff() {
        return session.get() == SessionState.LOST;
    }

    /// Whether no other node can lead a partition that this one leads.
    boolean hasLease(int partition) {
        return leases.test(partition);
    }
}
