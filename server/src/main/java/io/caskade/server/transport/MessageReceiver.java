package io.caskade.server.transport;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Message;

/// Receives the messages of other nodes' copies. Called by any thread; must not block.
public interface MessageReceiver {

    /// A message has come.
    ///
    /// @param sender the process that sent it
    /// @param partition whose copies speak
    void onMessage(NodeIncarnation sender, int partition, Message message);

    /// All connections to a node are broken. It may be down, or out of reach for a moment.
    void onDisconnected(String node);
}
