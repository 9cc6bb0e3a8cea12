package io.caskade.cli.redis;

import io.caskade.client.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The reply to a command.
public sealed interface RedisReply {

    /// A string.
    record Text(byte[] content) implements RedisReply {}

    /// An integer.
    record IntegerReply(long value) implements RedisReply {}

    /// Several replies.
    record Several(List<RedisReply> replies) implements RedisReply {
        /// Copies the list.
        public Several {
            replies = List.copyOf(replies);
        }
    }

    /// That there is no value.
    record Nothing() implements RedisReply {}

    /// An error, such as `WRONGTYPE Operation against a key…`.
    record Failed(String message) implements RedisReply {
        /// Whether it begins with a word.
        public boolean is(String code) {
            return message.startsWith(code + " ") || message.equals(code);
        }
    }

    /// The bytes of a string; throws [RedisException] when it is anything else.
    default Bytes bytes() {
        if (this instanceof Text(byte[] content)) {
            return Bytes.of(content);
        }
        throw unexpected();
    }

    /// A string as text; throws [RedisException] when it is anything else.
    default String text() {
        if (this instanceof Text(byte[] content)) {
            return new String(content, StandardCharsets.UTF_8);
        }
        throw unexpected();
    }

    /// An integer, also one that is sent as a string; throws [RedisException] when it is anything else.
    default long number() {
        if (this instanceof IntegerReply(long value)) {
            return value;
        }
        try {
            return Long.parseLong(text());
        } catch (NumberFormatException e) {
            throw unexpected();
        }
    }

    /// Several replies; throws [RedisException] when it is one.
    default List<RedisReply> several() {
        if (this instanceof Several(List<RedisReply> replies)) {
            return replies;
        }
        throw unexpected();
    }

    private RedisException unexpected() {
        return new RedisException(
                this instanceof Failed(String message) ? "Redis refused: " + message : "Redis replied unexpectedly");
    }
}
