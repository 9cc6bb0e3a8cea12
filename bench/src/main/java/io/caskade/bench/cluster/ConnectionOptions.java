package io.caskade.bench.cluster;

import io.caskade.client.ClientConfig;
import io.caskade.settings.HostPorts;
import io.caskade.settings.SettingsException;
import io.caskade.settings.SettingsFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where the cluster is. Filled by picocli, read only afterwards.
final class ConnectionOptions {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The client's settings, such as conf/client/cli.yaml; all at their defaults without.")
    private @Nullable Path config;

    @Option(
            names = "--zookeeper",
            paramLabel = "HOST:PORT",
            description = "Where ZooKeeper listens; several separated by commas. Default: what the settings say.")
    private @Nullable String zookeeper;

    @Option(
            names = "--own",
            description = "Start a cluster for this, and end it, even if one is running. That is done, too, when none"
                    + " is running and neither --config nor --zookeeper says where one should be.")
    private boolean own;

    /// Connects to the cluster that is running, or starts one.
    ///
    /// @param out hears which
    /// @throws SettingsException when the file is wrong
    /// @throws IllegalArgumentException when the option is
    MeasuredCluster open(Map<String, String> environment, PrintStream out) throws IOException, SettingsException {
        ClientConfig settings = client(environment);
        return startsCluster(settings) ? MeasuredCluster.start(settings, out) : MeasuredCluster.connect(settings, out);
    }

    /// Whether [#open] starts a cluster.
    ///
    /// @throws SettingsException when the file is wrong
    /// @throws IllegalArgumentException when the option is
    boolean startsCluster(Map<String, String> environment) throws SettingsException {
        return startsCluster(client(environment));
    }

    private boolean startsCluster(ClientConfig settings) {
        boolean named = config != null || zookeeper != null;
        return own || (!named && !MeasuredCluster.isRunning(settings.zookeeper().connect()));
    }

    /// The client's settings; the environment overrides the file, the options override both.
    ///
    /// @throws SettingsException when the file is wrong
    /// @throws IllegalArgumentException when the option is
    ClientConfig client(Map<String, String> environment) throws SettingsException {
        ClientConfig settings = config == null
                ? SettingsFile.defaults(ClientConfig.class, environment)
                : SettingsFile.load(config, ClientConfig.class, environment);
        return zookeeper == null ? settings : settings.withZooKeeper(HostPorts.parse(zookeeper));
    }
}
