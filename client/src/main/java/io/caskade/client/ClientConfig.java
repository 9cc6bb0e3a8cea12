package io.caskade.client;

import java.time.Duration;

/// How a client finds and speaks to a cluster.
///
/// @param zookeeper      where the cluster is registered
/// @param connectTimeout how long to wait for ZooKeeper's first answer
/// @param requestTimeout how long an operation may take, all its attempts together
/// @param attemptTimeout how long an attempt may take that can be repeated without harm, such as a read's
public record ClientConfig(
        ZooKeeper zookeeper, Duration connectTimeout, Duration requestTimeout, Duration attemptTimeout) {

    /// Everything at its default: a cluster registered in `/caskade` of the ZooKeeper at `127.0.0.1:2181`.
    public static final ClientConfig DEFAULT = new ClientConfig(
            new ZooKeeper("127.0.0.1:2181", "/caskade", Duration.ofSeconds(6)),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1));

    /// The same cluster through other ZooKeeper servers.
    ///
    /// @param connect `host:port`, several separated by commas
    public ClientConfig withZooKeeper(String connect) {
        return new ClientConfig(
                new ZooKeeper(connect, zookeeper.root, zookeeper.sessionTimeout),
                connectTimeout,
                requestTimeout,
                attemptTimeout);
    }

    /// The same with other limits of time for connecting and for each operation.
    public ClientConfig withTimeout(Duration timeout) {
        return new ClientConfig(zookeeper, timeout, timeout, attemptTimeout);
    }

    /// Where a cluster is registered.
    ///
    /// @param connect        ZooKeeper's servers, `host:port` separated by commas
    /// @param root           the node below which the cluster keeps everything
    /// @param sessionTimeout how long a silent session lives
    public record ZooKeeper(String connect, String root, Duration sessionTimeout) {}
}
