package io.caskade.server.cluster;

/// The state of a node's ZooKeeper session.
public enum SessionState {
    /// Connected to a server.
    CONNECTED,
    /// Disconnected; the session and its ephemeral znodes may still exist.
    SUSPENDED,
    /// Expired with its ephemeral znodes; a new session starts when a server is reached.
    LOST
}
