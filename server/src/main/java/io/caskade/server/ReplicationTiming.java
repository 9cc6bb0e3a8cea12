package io.caskade.server;

import io.caskade.bitcask.Durability;
import io.caskade.server.config.ReplicationConfig;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.replica.Timeouts;
import io.caskade.server.transport.Pacing;
import io.caskade.server.transport.Timing;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/// The times by which a node replicates, from its settings.
///
/// @param tick how often each partition is looked at, and sends heartbeats where it leads
record ReplicationTiming(Timeouts timeouts, Duration tick) {

    /// An acknowledgement is repeated so many times within `replication.lag`, after which its stream counts as
    /// stuck.
    private static final int ACKS_PER_LAG = 8;

    /// How often acknowledgements are repeated at least.
    private static final long ACK_REPEAT_MILLIS = 500;

    static ReplicationTiming of(ServerConfig config) {
        ReplicationConfig replication = config.replication();
        Timeouts timeouts = new Timeouts(
                replication.lease().toMillis(),
                replication.grace().toMillis(),
                replication.retry().toMillis(),
                replication.lag().toMillis(),
                replication.stall().toMillis());
        Duration heartbeats = replication.heartbeatInterval();
        boolean syncs = config.storage().durability() == Durability.INTERVAL;
        return new ReplicationTiming(
                timeouts,
                syncs ? Collections.min(List.of(heartbeats, config.storage().syncInterval())) : heartbeats);
    }

    /// What other nodes must know of it.
    Timing shared() {
        return new Timing(timeouts, tick.toMillis());
    }

    /// A grant waits for this node's next heartbeat, which may be a little late.
    Pacing pacing() {
        long grantDelay = tick.multipliedBy(3).dividedBy(2).toMillis();
        return new Pacing(grantDelay, Math.min(timeouts.lag() / ACKS_PER_LAG, ACK_REPEAT_MILLIS));
    }
}
