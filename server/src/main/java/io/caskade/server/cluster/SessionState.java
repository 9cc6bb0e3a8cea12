package io.caskade.server.cluster;

/// How a node's session with the coordinator's servers stands.
public enum SessionState {
    /// Served by a server.
    CONNECTED,
    /// Out of touch; what belongs to the session is still there, as far as it is known.
    SUSPENDED,
    /// Ended, with all that belonged to it; the next one follows when a server is reached.
    LOST
}
