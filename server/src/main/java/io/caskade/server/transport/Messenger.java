package io.caskade.server.transport;

import io.caskade.server.replica.Message;

/// Sends messages to other replicas.
///
/// Thread-safe.
public interface Messenger {

    /// Sends a message as soon as possible, or drops it when the node is unreachable or its queue is full.
    /// Never blocks.
    ///
    /// @param node the id of another node
    /// @param partition the replicas' partition
    void send(String node, int partition, Message message);
}
