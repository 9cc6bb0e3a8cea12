package io.caskade.server.lifecycle;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.SessionState;

/// Knows the state of this node's session with ZooKeeper. Thread-safe.
public final class SessionWatch implements Coordinator.Observer {

    private volatile SessionState state = SessionState.SUSPENDED;

    @Override
    public void imageChanged(ClusterImage image) {
        // The session says by itself when it changes.
    }

    @Override
    public void sessionChanged(SessionState changed) {
        state = changed;
    }

    /// The state after the last change.
    public SessionState state() {
        return state;
    }
}
