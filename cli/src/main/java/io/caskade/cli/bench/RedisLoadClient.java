package io.caskade.cli.bench;

import io.caskade.cli.redis.RedisClientConnection;
import io.caskade.cli.redis.RedisException;
import io.caskade.cli.redis.RedisReply;
import io.caskade.cli.redis.RedisServer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Sends over the Redis protocol, in pipelines, on a connection of its own, which is opened again if it fails.
final class RedisLoadClient implements LoadClient {

    private static final long PAUSE_MILLIS = 100;

    private final RedisServer server;
    private final byte[] value;
    private @Nullable RedisClientConnection connection;

    RedisLoadClient(RedisServer server, byte[] value) {
        this.server = server;
        this.value = value;
        this.connection = RedisClientConnection.open(server);
    }

    @Override
    public void exchange(List<LoadOperation> operations, Measurements measurements) throws InterruptedException {
        int answered = 0;
        try {
            RedisClientConnection open = connection;
            if (open == null) {
                open = RedisClientConnection.open(server);
                connection = open;
            }
            long start = System.nanoTime();
            for (LoadOperation operation : operations) {
                if (operation.isPut()) {
                    open.send("SET", operation.key(), value);
                } else {
                    open.send("GET", operation.key());
                }
            }
            while (answered < operations.size()) {
                record(open.receive(), start, measurements);
                answered++;
            }
        } catch (RedisException e) {
            for (; answered < operations.size(); answered++) {
                measurements.failed("connection failed");
            }
            close();
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }

    private static void record(RedisReply reply, long start, Measurements measurements) {
        switch (reply) {
            case RedisReply.Failed(String message) -> measurements.failed(message.split(" ", 2)[0]);
            case RedisReply.Nothing _ -> measurements.failed("record not found");
            default -> measurements.succeeded(start);
        }
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
