package io.caskade.cli.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/// A connection to a server that speaks the Redis protocol, with commands in flight: those that were sent are
/// replied to in order. All methods throw [RedisException] when the server is gone. For one thread.
public final class RedisClientConnection implements AutoCloseable {

    private final RedisServer server;
    private final Connection connection;

    private RedisClientConnection(RedisServer server, Connection connection) {
        this.server = server;
        this.connection = connection;
    }

    /// Connects, and authenticates if there is a password.
    public static RedisClientConnection open(RedisServer server) {
        try {
            RedisClientConnection opened =
                    new RedisClientConnection(server, new Connection(server.jedisAddress(), server.jedisConfig()));
            RedisReply reply = opened.ask("PING");
            if (reply instanceof RedisReply.Failed(String message)) {
                opened.close();
                throw new RedisException("Redis at " + server + " refused: " + message);
            }
            return opened;
        } catch (JedisDataException e) {
            throw new RedisException("Redis at " + server + " refused: " + e.getMessage(), e);
        } catch (JedisException e) {
            throw new RedisException("Redis at " + server + " was not reached: " + reason(e), e);
        }
    }

    private static String reason(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            return String.valueOf(suppressed.getMessage());
        }
        return String.valueOf(last.getMessage());
    }

    /// Where it leads.
    public RedisServer server() {
        return server;
    }

    /// Sends a command, at the latest when a reply is awaited.
    public void send(String command, byte[]... arguments) {
        ProtocolCommand name = () -> command.getBytes(UTF_8);
        try {
            connection.sendCommand(name, arguments);
        } catch (JedisException e) {
            throw gone(e);
        }
    }

    /// The reply to the next command that was sent.
    public RedisReply receive() {
        try {
            return reply(connection.getOne());
        } catch (JedisDataException e) {
            return new RedisReply.Failed(String.valueOf(e.getMessage()));
        } catch (JedisException e) {
            throw gone(e);
        }
    }

    /// Sends a command and awaits its reply.
    public RedisReply ask(String command, byte[]... arguments) {
        send(command, arguments);
        return receive();
    }

    private RedisException gone(JedisException failure) {
        return new RedisException("the connection to Redis at " + server + " failed: " + reason(failure), failure);
    }

    private static RedisReply reply(@Nullable Object reply) {
        return switch (reply) {
            case null -> new RedisReply.Nothing();
            case byte[] bytes -> new RedisReply.Text(bytes);
            case Long number -> new RedisReply.IntegerReply(number);
            case List<?> several ->
                new RedisReply.Several(
                        several.stream().map(RedisClientConnection::reply).toList());
            case JedisDataException error -> new RedisReply.Failed(String.valueOf(error.getMessage()));
            default -> throw new IllegalStateException("a reply of " + reply.getClass());
        };
    }

    @Override
    public void close() {
        connection.close();
    }
}
