package io.caskade.server.config;

import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Section;
import io.caskade.settings.Setting;
import io.caskade.settings.SettingsException;
import io.caskade.settings.SettingsFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// Everything a node is told before it starts. The annotations are the reference: name, default, range,
/// meaning.
public record ServerConfig(
        @Section("Which node this is.") NodeConfig node,

        @Setting(
                value = "data/standalone",
                doc = "Where the node keeps its data; relative to the working directory. One running node a directory.")
        Path dataDir,

        @Section("How the node finds the cluster.") ZooKeeperConfig zookeeper,

        @Section("Where the node listens.") ListenersConfig listeners,

        @Section("What the cluster looks like; read when it is formed.")
        ClusterConfig cluster,

        @Section("How long copies wait for each other; the same on all nodes.")
        ReplicationConfig replication,

        @Section("How data is kept on disk.") StorageConfig storage,

        @Section("What is left free of the disk.") DiskConfig disk,

        @Section("How the space of overwritten, deleted and expired values is taken back.")
        MergeConfig merge,

        @Section("How sealed segments are read again, to find decay before a client asks for the records.")
        ScrubConfig scrub,

        @Section("What the node takes on at once.") LimitsConfig limits,

        @Setting(
                value = "10s",
                min = "0s",
                max = "10m",
                doc = "How long a node that is told to stop may take to hand over and close before it stops anyway.")
        Duration shutdownTimeout) {

    /// Refuses a bound on writes in flight that a single allowed write would never fit in.
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
    /// @throws SettingsException with every mistake, ready to print
    public static ServerConfig load(Path file, Map<String, String> environment) throws SettingsException {
        return SettingsFile.load(file, ServerConfig.class, environment);
    }
}
