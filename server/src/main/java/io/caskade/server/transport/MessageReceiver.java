package io.caskade.server.transport;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Message;

/// Receives messages from other replicas. Called by any thread; must not block.
public interface MessageReceiver {

    /// A message arrived.
    ///
    /// @param sender the process that sent it
    /// @param partition the replicas' partition
    void onMessage(NodeIncarnation sender, int partition, Message message);

    /// All connections to a node broke. It may be down, or briefly unreachable.
    void onDisconnected(String node);
}
