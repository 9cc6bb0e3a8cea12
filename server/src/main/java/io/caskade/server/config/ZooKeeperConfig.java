package io.caskade.server.config;

import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How the node finds the cluster.
public record ZooKeeperConfig(
        @Setting(value = "127.0.0.1:2181", doc = "ZooKeeper's address; several host:port separated by commas.")
        HostPorts connect,

        @Setting(
                value = "false",
                doc = "Whether the node runs its own ZooKeeper at the connect address, with its data below data-dir.")
        boolean embedded,

        @Setting(
                value = "/caskade",
                pattern = "(/[A-Za-z0-9._-]*[A-Za-z0-9_-])+",
                doc = "The znode of the cluster; clusters that share a ZooKeeper must differ in it.")
        String root,

        @Setting(
                value = "6s",
                min = "1s",
                max = "60s",
                doc = "How long ZooKeeper waits before it expires the session of a silent node.")
        Duration sessionTimeout,

        @Setting(
                value = "10s",
                min = "100ms",
                max = "10m",
                doc = "How long a starting node waits for ZooKeeper before it gives up.")
        Duration connectionTimeout,

        @Setting(
                value = "",
                doc =
                        "The ZooKeeper digest user. If set, only this user can write the cluster's znodes; otherwise anyone can.")
        Optional<String> user,

        @Setting(
                value = "",
                doc = "The file with that user's password, in one line. Only the node should be able to read it.")
        Optional<Path> passwordFile) {

    /// Rejects an embedded ZooKeeper at anything but one loopback address, since it has no peers; and a user
    /// without a password.
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
        if (user.isPresent() && user.get().contains(":")) {
            throw new InvalidSetting("user", "expected a name without a colon, found \"" + user.get() + '"');
        }
        if (user.isPresent() != passwordFile.isPresent()) {
            throw new InvalidSetting(
                    user.isPresent() ? "password-file" : "user",
                    "expected a value, because zookeeper." + (user.isPresent() ? "user" : "password-file") + " is set");
        }
    }

    /// The user and password for ZooKeeper, read from the password file; empty when there is none.
    ///
    /// @throws IOException that names the setting, when there is no password in the file
    public Optional<ZooKeeperCredentials> credentials() throws IOException {
        return user.isEmpty() || passwordFile.isEmpty()
                ? Optional.empty()
                : Optional.of(ZooKeeperCredentials.read(user.get(), passwordFile.get()));
    }

    /// The same with another address: the actual one of an embedded ZooKeeper with port 0.
    public ZooKeeperConfig at(HostPort address) {
        return new ZooKeeperConfig(
                HostPorts.of(address), embedded, root, sessionTimeout, connectionTimeout, user, passwordFile);
    }
}
