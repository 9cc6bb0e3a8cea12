package io.caskade.server.config;

import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Setting;
import java.time.Duration;

/// What the cluster looks like. Read when the cluster, or a partition of it, is created; what is in ZooKeeper
/// counts from then on.
public record ClusterConfig(
        @Setting(
                value = "4",
                min = "1",
                max = "1024",
                doc = "How many partitions share the keys; fixed when the cluster is formed.")
        int partitions,

        @Setting(
                value = "1",
                min = "1",
                max = "16",
                doc = "How many nodes keep a copy of each partition; forming waits until so many are there.")
        int replicationFactor,

        @Setting(
                value = "1",
                min = "1",
                max = "16",
                doc = "How many copies must be in sync, and hold a write, for it to be acknowledged.")
        int minInsync,

        @Setting(
                value = "10m",
                min = "0s",
                max = "8760h",
                doc = "How long a node may be gone before others keep its copies instead; 0s waits forever.")
        Duration replaceAfter,

        @Setting(
                value = "true",
                doc = "Whether partitions go back to being led by their preferred replicas when those are in sync.")
        boolean autoBalanceLeaders) {

    /// Refuses to ask for more copies in sync than there are.
    public ClusterConfig {
        if (minInsync > replicationFactor) {
            throw new InvalidSetting(
                    "min-insync",
                    "expected at most cluster.replication-factor, " + replicationFactor + ", found " + minInsync);
        }
    }
}
