package io.caskade.server.transport;

import io.caskade.server.replica.Message;

/// Takes messages to other nodes' copies.
///
/// Safe for use by any thread.
public interface Messenger {

    /// Sends a message as soon as it can, or drops it when the node cannot be reached or has too much on its
    /// way already. Never blocks.
    ///
    /// @param node the id of another node
    /// @param partition whose copies speak
    void send(String node, int partition, Message message);
}
