package io.caskade.server.cluster;

import org.jspecify.annotations.Nullable;

/// A registered process of a node.
///
/// @param id the node's name; never changes
/// @param incarnation random, new with every start of the process
/// @param rack its rack or zone; may be empty
/// @param grpc its gRPC address; null when the listener is disabled, as for the other listeners
/// @param replication its address for other nodes
/// @param resp its address for clients of the Redis protocol
/// @param http its address for HTTP clients
/// @param version its release
public record NodeInfo(
        String id,
        String incarnation,
        String rack,
        @Nullable Endpoint grpc,
        @Nullable Endpoint replication,
        @Nullable Endpoint resp,
        @Nullable Endpoint http,
        String version) {

    /// Rejects empty ids.
    public NodeInfo {
        Preconditions.check(!id.isEmpty(), "a node must have an id");
        Preconditions.check(!incarnation.isEmpty(), "a node must have an incarnation", id);
    }
}
