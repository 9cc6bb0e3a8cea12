package io.caskade.server.config;

import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Section;
import io.caskade.settings.Setting;
import io.caskade.settings.SettingsException;
import io.caskade.settings.SettingsFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// A node's configuration. The annotations are the reference: name, default, range, meaning.
public record ServerConfig(
        @Section("The node's identity.") NodeConfig node,

        @Setting(
                value = "data/standalone",
                doc = "The node's data directory; relative to the working directory. One running node per directory.")
        Path dataDir,

        @Section("How the node finds the cluster.") ZooKeeperConfig zookeeper,

        @Section("The node's listeners.") ListenersConfig listeners,

        @Section("The cluster. The first node's file counts; then the cluster keeps these settings and those of lease"
                + " and grace, and every node follows them: cluster settings in the shell shows them.")
        ClusterConfig cluster,

        @Section("Timeouts of the replication protocol; should be the same on all nodes.")
        ReplicationConfig replication,

        @Section("How data is kept on disk.") StorageConfig storage,

        @Section("The disk space that is kept free.") DiskConfig disk,

        @Section("How the space of overwritten, deleted and expired values is reclaimed.")
        MergeConfig merge,

        @Section("Background verification of sealed segments (bit rot).")
        ScrubConfig scrub,

        @Section("Limits on concurrent work.") LimitsConfig limits,

        @Setting(
                value = "10s",
                min = "0s",
                max = "10m",
                doc = "How long a shutdown may take to transfer leadership and close before the node exits anyway.")
        Duration shutdownTimeout) {

    /// Rejects a limit on writes in flight that a single allowed write could exceed.
    public ServerConfig {
        if (limits.inFlight().compareTo(storage.maxValueSize()) < 0) {
            throw new InvalidSetting(
                    "limits.in-flight",
                    "expected at least storage.max-value-size, " + storage.maxValueSize() + ", found "
                            + limits.inFlight());
        }
    }

    /// The configuration in `file`, overridden by `environment`; [SettingsFile#load] says how.
    ///
    /// @throws SettingsException with a printable list of all mistakes
    public static ServerConfig load(Path file, Map<String, String> environment) throws SettingsException {
        return SettingsFile.load(file, ServerConfig.class, environment);
    }

    /// The same configuration with other settings of the cluster and of the replication protocol.
    public ServerConfig with(ClusterConfig otherCluster, ReplicationConfig otherReplication) {
        return new ServerConfig(
                node,
                dataDir,
                zookeeper,
                listeners,
                otherCluster,
                otherReplication,
                storage,
                disk,
                merge,
                scrub,
                limits,
                shutdownTimeout);
    }
}
