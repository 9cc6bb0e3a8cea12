package io.caskade.client.routing;

import io.caskade.settings.HostPorts;
import java.time.Duration;

/// Which ZooKeeper to use, and where in it the cluster is registered.
///
/// @param connect        where ZooKeeper listens
/// @param root           the znode that holds the cluster
/// @param sessionTimeout how long ZooKeeper keeps the session of a silent client
/// @param connectTimeout how long to wait for the first connection
public record ZooKeeperTarget(HostPorts connect, String root, Duration sessionTimeout, Duration connectTimeout) {}
