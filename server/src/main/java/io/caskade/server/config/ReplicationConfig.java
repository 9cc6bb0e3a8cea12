package io.caskade.server.config;

import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Setting;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/// Timeouts of the replication protocol. Should be the same on all nodes: where they differ, a leader's lease
/// is as short as the shortest lease grant of its followers allows, and the longest ones delay elections.
public record ReplicationConfig(
        @Setting(
                value = "350ms",
                min = "50ms",
                max = "60s",
                doc =
                        "How long a leader answers reads after sending a heartbeat that all in-sync copies answered; less if"
                                + " a copy's node has a shorter lease."
                                + " After a leader was killed, the next one can serve 1.2 times this after the"
                                + " last heartbeat at the earliest, or a grace after it if that is shorter.")
        Duration lease,

        @Setting(
                value = "500ms",
                min = "60ms",
                max = "120s",
                doc =
                        "How long a follower waits without a heartbeat before it starts an election; longer than the lease.")
        Duration grace,

        @Setting(
                value = "150ms",
                min = "20ms",
                max = "60s",
                doc = "How long a copy waits for an answer before it retries.")
        Duration retry,

        @Setting(value = "5s", min = "100ms", max = "10m", doc = "How long a copy may lag before it leaves the ISR.")
        Duration lag,

        @Setting(
                value = "3s",
                min = "100ms",
                max = "10m",
                doc = "How long a leader's sync may take before other copies take over.")
        Duration stall) {

    /// Clocks drift: a grace hardly longer than the lease could end before it.
    private static final double MIN_GRACE = 1.1;

    /// A few heartbeats may be lost or late before a lease ends.
    private static final int HEARTBEATS_PER_LEASE = 7;

    /// A request without an answer is looked at again when heartbeats are due.
    private static final int HEARTBEATS_PER_RETRY = 3;

    private static final Duration MAX_HEARTBEAT_INTERVAL = Duration.ofMillis(500);

    /// Rejects timeouts under which two leaders could answer.
    public ReplicationConfig {
        if (grace.toMillis() < MIN_GRACE * lease.toMillis()) {
            throw new InvalidSetting(
                    "grace",
                    "expected at least a tenth more than replication.lease, " + lease.toMillis() + "ms, found "
                            + grace.toMillis() + "ms");
        }
    }

    /// How often a leader sends heartbeats, at least: they are most of what an idle node does.
    public Duration heartbeatInterval() {
        return Collections.min(List.of(
                lease.dividedBy(HEARTBEATS_PER_LEASE), retry.dividedBy(HEARTBEATS_PER_RETRY), MAX_HEARTBEAT_INTERVAL));
    }
}
