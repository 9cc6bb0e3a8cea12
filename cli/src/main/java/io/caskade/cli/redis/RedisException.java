package io.caskade.cli.redis;

/// A server that speaks the Redis protocol was not reached, or refused a command. The message is one
/// human-readable line that names the server.
public final class RedisException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String message;

    public RedisException(String message) {
        super(message);
        this.message = message;
    }

    RedisException(String message, Throwable cause) {
        super(message, cause);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
