package io.caskade.server.cluster;

import org.jspecify.annotations.Nullable;

/// One running process of a node, as it registered itself.
///
/// @param id the node's name, the same forever
/// @param incarnation random, new with every start of the process
/// @param rack the rack or zone it stands in, empty when it has none
/// @param grpc where clients reach it; null when the listener is closed, as for the other listeners
/// @param replication where other nodes reach it
/// @param resp where clients of the Redis protocol reach it
/// @param http where clients of HTTP reach it
/// @param version which release it runs
public record NodeInfo(
        String id,
        String incarnation,
        String rack,
        @Nullable Endpoint grpc,
        @Nullable Endpoint replication,
        @Nullable Endpoint resp,
        @Nullable Endpoint http,
        String version) {

    /// Refuses a node that cannot be told from others.
    public NodeInfo {
        Preconditions.check(!id.isEmpty(), "a node has an id");
        Preconditions.check(!incarnation.isEmpty(), "a node has an incarnation", id);
    }
}
