package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Setting;
import java.time.Duration;

/// The cluster's settings. Those of the first node's file are stored when the cluster is formed; afterwards the
/// values in ZooKeeper apply.
public record ClusterConfig(
        @Setting(
                value = "4",
                min = "1",
                max = "1024",
                doc = "The number of partitions; fixed when the cluster is formed.")
        int partitions,

        @Setting(
                value = "1",
                min = "1",
                max = "16",
                doc = "The number of replicas per partition; the cluster waits for this many nodes.")
        int replicationFactor,

        @Setting(
                value = "1",
                min = "1",
                max = "16",
                doc = "The ISR size below which writes and linearizable reads are refused.")
        int minInsync,

        @Setting(
                value = "10m",
                min = "0s",
                max = "8760h",
                doc = "How long a node may be absent before its replicas are reassigned; 0s disables this.")
        Duration replaceAfter,

        @Setting(value = "true", doc = "Whether leadership returns to preferred replicas when they are in sync.")
        boolean autoBalanceLeaders,

        @Setting(
                value = "64MiB",
                min = "0B",
                doc =
                        "Bytes that a node sends per second at most to copies that are not in sync, as when replicas move; 0B for no limit.")
        ByteSize moveRate) {

    /// Rejects a min-insync greater than the replication factor.
    public ClusterConfig {
        if (minInsync > replicationFactor) {
            throw new InvalidSetting(
                    "min-insync",
                    "expected at most cluster.replication-factor, " + replicationFactor + ", found " + minInsync);
        }
    }
}
