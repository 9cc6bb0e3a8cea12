package io.caskade.server.transport;

import io.caskade.server.cluster.Leader;
import io.caskade.server.replica.Message;

/// Is given what other nodes' copies say. Its methods are called by any thread and must not block.
public interface Inbox {

    /// A message has come.
    ///
    /// @param from the process that sent it
    /// @param partition whose copies speak
    void received(Leader from, int partition, Message message);

    /// All connections to a node are broken. It may be down, or out of reach for a moment.
    void lost(String node);
}
