package io.caskade.server.config;

import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Setting;
import java.time.Duration;

/// How the node finds the cluster.
public record ZooKeeperConfig(
        @Setting(value = "127.0.0.1:2181", doc = "Where ZooKeeper listens; several host:port separated by commas.")
        HostPorts connect,

        @Setting(
                value = "false",
                doc = "Whether the node runs a ZooKeeper of its own at the connect address, kept below data-dir.")
        boolean embedded,

        @Setting(
                value = "/caskade",
                pattern = "(/[A-Za-z0-9._-]*[A-Za-z0-9_-])+",
                doc = "The znode that holds the cluster; clusters that share a ZooKeeper differ in it.")
        String root,

        @Setting(
                value = "6s",
                min = "1s",
                max = "60s",
                doc = "How long ZooKeeper waits before it counts a silent node as gone.")
        Duration sessionTimeout,

        @Setting(
                value = "10s",
                min = "100ms",
                max = "10m",
                doc = "How long the node waits for ZooKeeper when it starts before it gives up.")
        Duration connectionTimeout) {

    /// Refuses an embedded ZooKeeper anywhere but at one loopback address: it has neither peers nor access control.
    public ZooKeeperConfig {
        if (embedded && (connect.all().size() != 1 || !connect.all().getFirst().isLoopback())) {
            throw new InvalidSetting(
                    "connect",
                    "expected one loopback address such as 127.0.0.1:2181, because zookeeper.embedded is true, found \""
                            + connect + '"');
        }
        if (!embedded && connect.all().stream().map(HostPort::port).anyMatch(port -> port == 0)) {
            throw new InvalidSetting("connect", "expected a port from 1 to 65535, found \"" + connect + '"');
        }
    }

    /// The same at another address: the one an embedded ZooKeeper has been given for port 0.
    public ZooKeeperConfig at(HostPort address) {
        return new ZooKeeperConfig(HostPorts.of(address), embedded, root, sessionTimeout, connectionTimeout);
    }
}
