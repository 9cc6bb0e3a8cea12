package io.caskade.server.cluster;

/// Another live process is registered under this node's id.
public final class NodeIdTakenException extends CoordinationException {

    private static final long serialVersionUID = 1L;

    /// @param message names the setting `node.id`, the id, and the other process's address
    public NodeIdTakenException(String message) {
        super(message, null);
    }
}
