package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import java.util.Set;

/// The fixed parameters of a replica.
///
/// @param incarnation the node's incarnation
/// @param copyId the identity of its copy
/// @param formerCopyIds the copy's former identities: it took a new one whenever acknowledged records might
///     have been lost
/// @param syncBeforeAck whether records are synced before they are acknowledged
/// @param idleMarkMillis after this long without a write, a MARK names the last writes as committed
/// @param maxRetainedTombstones a disconnected copy further behind than this does not hold the purge horizon
///     back
/// @param timeouts how long replicas wait for each other
/// @param formerGrace how long, from the start of this process, a lease may hold that an earlier process of the
///     node has granted: its settings may have been others
/// @param lastStream stream ids start after this one, so that they differ from those of the node's earlier
///     incarnations
/// @param throttle limits what this copy, as a leader, sends to copies that are not in sync
public record ReplicaOptions(
        NodeIncarnation incarnation,
        CopyId copyId,
        Set<CopyId> formerCopyIds,
        boolean syncBeforeAck,
        long idleMarkMillis,
        long maxRetainedTombstones,
        Timeouts timeouts,
        long formerGrace,
        long lastStream,
        CatchUpThrottle throttle) {

    /// Starts from the defaults of a node: synced writes and [Timeouts#DEFAULT].
    public static Builder builder(NodeIncarnation incarnation, CopyId copyId) {
        return new Builder(incarnation, copyId);
    }

    /// Builds options, field by field.
    public static final class Builder {

        private static final long IDLE_MARK_MILLIS = 1000;
        private static final long RETAINED_TOMBSTONES = 10_000_000;
        private static final long AS_GRACE = -1;

        private final NodeIncarnation incarnation;
        private final CopyId copyId;
        private Set<CopyId> formerCopyIds = Set.of();
        private boolean syncBeforeAck = true;
        private long idleMarkMillis = IDLE_MARK_MILLIS;
        private long maxRetainedTombstones = RETAINED_TOMBSTONES;
        private Timeouts timeouts = Timeouts.DEFAULT;
        private long formerGrace = AS_GRACE;
        private long lastStream;
        private CatchUpThrottle throttle = CatchUpThrottle.unlimited();

        private Builder(NodeIncarnation incarnation, CopyId copyId) {
            this.incarnation = incarnation;
            this.copyId = copyId;
        }

        /// See [ReplicaOptions#formerCopyIds], as for the others.
        public Builder formerCopyIds(Set<CopyId> value) {
            formerCopyIds = Set.copyOf(value);
            return this;
        }

        /// Sets [ReplicaOptions#syncBeforeAck].
        public Builder syncBeforeAck(boolean value) {
            syncBeforeAck = value;
            return this;
        }

        /// Sets [ReplicaOptions#idleMarkMillis].
        public Builder idleMarkMillis(long value) {
            idleMarkMillis = value;
            return this;
        }

        /// Sets [ReplicaOptions#maxRetainedTombstones].
        public Builder maxRetainedTombstones(long value) {
            maxRetainedTombstones = value;
            return this;
        }

        /// Sets [ReplicaOptions#timeouts].
        public Builder timeouts(Timeouts value) {
            timeouts = value;
            return this;
        }

        /// Sets [ReplicaOptions#formerGrace], by default the same grace as this process's.
        public Builder formerGrace(long value) {
            formerGrace = value;
            return this;
        }

        /// Sets [ReplicaOptions#lastStream].
        public Builder lastStream(long value) {
            lastStream = value;
            return this;
        }

        /// Sets [ReplicaOptions#throttle], by default without a limit.
        public Builder throttle(CatchUpThrottle value) {
            throttle = value;
            return this;
        }

        /// Builds the options.
        public ReplicaOptions build() {
            return new ReplicaOptions(
                    incarnation,
                    copyId,
                    formerCopyIds,
                    syncBeforeAck,
                    idleMarkMillis,
                    maxRetainedTombstones,
                    timeouts,
                    formerGrace == AS_GRACE ? timeouts.grace() : formerGrace,
                    lastStream,
                    throttle);
        }
    }
}
