package io.caskade.server.listener.redis.resp;

/// A client sent what is no command: nothing that follows on its connection can be understood. Carries no stack
/// trace: it is an answer, not a failure of the node.
public final class RespProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    /// An error as Redis words it.
    ///
    /// @param problem what is wrong, without `Protocol error: `
    RespProtocolException(String problem) {
        super("Protocol error: " + problem, null, false, false);
    }

    /// The text of the error reply, without its prefix `ERR`.
    public String text() {
        return String.valueOf(getMessage());
    }
}
