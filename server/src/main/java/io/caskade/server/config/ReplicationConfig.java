package io.caskade.server.config;

import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Setting;
import java.time.Duration;

/// How long copies wait for each other. Must be the same on all nodes: a leader counts on the others to wait.
public record ReplicationConfig(
        @Setting(
                value = "350ms",
                min = "50ms",
                max = "60s",
                doc = "How long a leader answers reads after it has asked whether the copies in sync still follow it.")
        Duration lease,

        @Setting(
                value = "500ms",
                min = "60ms",
                max = "120s",
                doc = "How long a copy hears nothing of its leader before it suspects it; longer than the lease.")
        Duration grace,

        @Setting(
                value = "150ms",
                min = "20ms",
                max = "60s",
                doc = "How long a copy waits for an answer before it asks again.")
        Duration retry,

        @Setting(
                value = "5s",
                min = "100ms",
                max = "10m",
                doc = "How long a copy may be behind before it is no longer in sync.")
        Duration lag,

        @Setting(
                value = "3s",
                min = "100ms",
                max = "10m",
                doc = "How long a leader's disk may take for one sync before the others replace the leader.")
        Duration stall) {

    /// Clocks drift: a grace that is hardly longer than the lease could end before it.
    private static final double MIN_GRACE = 1.1;

    /// Refuses times under which two leaders could answer.
    public ReplicationConfig {
        if (grace.toMillis() < MIN_GRACE * lease.toMillis()) {
            throw new InvalidSetting(
                    "grace",
                    "expected at least a tenth more than replication.lease, " + lease.toMillis() + "ms, found "
                            + grace.toMillis() + "ms");
        }
    }
}
