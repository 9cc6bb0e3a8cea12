package io.caskade.server.listener.redis.command;

/// A command cannot be carried out as it was sent; nothing was done. Carries no stack trace: it is an answer,
/// not a failure of the node.
final class RedisError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param text as Redis words it; begins with a code in capitals
    RedisError(String text) {
        super(text, null, false, false);
    }

    /// The text of the reply.
    String text() {
        return String.valueOf(getMessage());
    }

    static RedisError syntax() {
        return new RedisError("ERR syntax error");
    }

    /// Keys that must be of one partition are not; Redis Cluster says slot, of which a partition has many.
    static RedisError crossSlot() {
        return new RedisError("CROSSSLOT Keys in request don't hash to the same slot");
    }

    static RedisError notAnInteger() {
        return new RedisError("ERR value is not an integer or out of range");
    }

    static RedisError invalidExpireTime(String command) {
        return new RedisError("ERR invalid expire time in '" + command + "' command");
    }

    static RedisError wrongArity(String command) {
        return new RedisError("ERR wrong number of arguments for '" + command + "' command");
    }
}
