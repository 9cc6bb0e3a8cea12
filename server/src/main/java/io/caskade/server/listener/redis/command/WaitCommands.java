package io.caskade.server.listener.redis.command;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Versioned;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// `WAIT` and `WAITAOF`. They need not wait: a write is acknowledged only once all in-sync copies hold it, and
/// how many those are is known.
final class WaitCommands {

    private static final String GROUP = "generic";
    private static final String NO_WAIT = "Answers at once: an acknowledged write is on all in-sync copies already.";

    private final ServerIdentity identity;

    WaitCommands(ServerIdentity identity) {
        this.identity = identity;
    }

    List<RedisCommand> commands() {
        return List.of(
                of("wait", 3, "3.0.0", "Counts the replicas that hold the connection's writes.", this::await),
                of(
                        "waitaof",
                        4,
                        "7.2.0",
                        "Counts the copies that have synced the connection's writes.",
                        this::awaitSynced));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of(name, arity, GROUP, since, "O(1)", summary, Handler.now(answer))
                .with(Flag.NOSCRIPT)
                .but(NO_WAIT);
    }

    private Reply await(Call call) {
        // How many are wanted makes no difference, but it must be a number.
        long _ = call.integer(1);
        requireTimeout(call.argument(2));
        return Reply.integer(followers(call.client()));
    }

    private Reply awaitSynced(Call call) {
        long local = call.integer(1);
        if (local < 0 || local > 1) {
            throw new RedisError("ERR value is out of range, must be between 0 and 1");
        }
        requireCount(call.argument(2));
        requireTimeout(call.argument(3));
        boolean syncs = identity.syncs();
        return Reply.array(List.of(Reply.integer(syncs), Reply.integer(syncs ? followers(call.client()) : 0)));
    }

    private static void requireCount(byte[] argument) {
        String otherwise = "ERR value is out of range, must be positive";
        if (integer(argument, otherwise) < 0) {
            throw new RedisError(otherwise);
        }
    }

    private static long integer(byte[] argument, String otherwise) {
        try {
            return Arguments.integer(argument);
        } catch (RedisError e) {
            throw new RedisError(otherwise);
        }
    }

    private static void requireTimeout(byte[] argument) {
        long timeout = integer(argument, "ERR timeout is not an integer or out of range");
        if (timeout < 0) {
            throw new RedisError("ERR timeout is negative");
        }
        if (timeout > Long.MAX_VALUE - System.currentTimeMillis()) {
            throw new RedisError("ERR timeout is out of range");
        }
    }

    /// How many followers hold all writes of a client that were acknowledged, at least; without any, how many
    /// would. A node that does not reach ZooKeeper knows only how many there must be.
    private int followers(Client client) {
        Optional<ClusterImage> image = identity.image().get();
        boolean sure = !identity.membership().isDisconnected();
        BitSet written = client.writtenPartitions();
        return image.stream()
                .flatMap(known -> known.partitions().values().stream())
                .map(Versioned::value)
                .filter(state -> written.isEmpty() || written.get(state.id()))
                .mapToInt(state -> sure ? state.isr().size() : state.minInSync())
                .map(copies -> Math.max(0, copies - 1))
                .min()
                .orElse(0);
    }
}
