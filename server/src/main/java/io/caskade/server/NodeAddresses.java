package io.caskade.server;

import java.util.Optional;

/// A node's addresses for clients and for other nodes, and that of its ZooKeeper.
///
/// @param http empty when there is no HTTP listener
/// @param redis empty when there is no listener for the Redis protocol
public record NodeAddresses(
        ListenerAddress grpc,
        Optional<ListenerAddress> http,
        Optional<ListenerAddress> redis,
        ListenerAddress replication,
        String zookeeper) {}
