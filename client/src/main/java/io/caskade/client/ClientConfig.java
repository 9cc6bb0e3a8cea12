package io.caskade.client;

import io.caskade.settings.HostPorts;
import io.caskade.settings.Section;
import io.caskade.settings.Setting;
import io.caskade.settings.SettingsException;
import io.caskade.settings.SettingsFile;
import java.time.Duration;
import java.util.Map;

/// How a client finds a cluster, and its timeouts.
public record ClientConfig(
        @Section("Where the cluster is registered.") ZooKeeper zookeeper,

        @Setting(
                value = "5s",
                min = "10ms",
                max = "10m",
                doc = "How long the client waits for ZooKeeper's first answer before it gives up.")
        Duration connectTimeout,

        @Setting(
                value = "5s",
                min = "10ms",
                max = "10m",
                doc = "How long an operation may take, all its attempts together.")
        Duration requestTimeout,

        @Setting(
                value = "1s",
                min = "10ms",
                max = "10m",
                doc = "Timeout of one attempt of an idempotent operation, such as a read.")
        Duration attemptTimeout) {

    /// The defaults: a cluster registered in `/caskade` of the ZooKeeper at `127.0.0.1:2181`.
    public static ClientConfig defaults() {
        try {
            return SettingsFile.defaults(ClientConfig.class, Map.of());
        } catch (SettingsException e) {
            throw new IllegalStateException("the default settings are invalid", e);
        }
    }

    /// The same cluster through other ZooKeeper servers.
    public ClientConfig withZooKeeper(HostPorts connect) {
        return new ClientConfig(
                new ZooKeeper(connect, zookeeper.root, zookeeper.sessionTimeout),
                connectTimeout,
                requestTimeout,
                attemptTimeout);
    }

    /// The same with another timeout for connecting and for each operation.
    public ClientConfig withTimeout(Duration timeout) {
        return new ClientConfig(zookeeper, timeout, timeout, attemptTimeout);
    }

    /// Where a cluster is registered.
    public record ZooKeeper(
            @Setting(value = "127.0.0.1:2181", doc = "ZooKeeper's address; several host:port separated by commas.")
            HostPorts connect,

            @Setting(
                    value = "/caskade",
                    pattern = "(/[A-Za-z0-9._-]*[A-Za-z0-9_-])+",
                    doc = "The znode of the cluster; clusters that share a ZooKeeper must differ in it.")
            String root,

            @Setting(
                    value = "6s",
                    min = "1s",
                    max = "60s",
                    doc = "How long ZooKeeper waits before it expires the session of a silent client.")
            Duration sessionTimeout) {}
}
