package io.caskade.server.cluster;

/// Another process that is alive is registered under this node's id.
public final class NodeIdTakenException extends CoordinationException {

    private static final long serialVersionUID = 1L;

    /// @param message names the setting `node.id`, the id, and where the other process is
    public NodeIdTakenException(String message) {
        super(message, null);
    }
}
