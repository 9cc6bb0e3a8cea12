package io.caskade.server.listener.redis;

import io.caskade.server.listener.redis.command.RedisCommand;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The keys of a connection's commands that have no reply yet: a command waits for those before it that name
/// one of its keys, unless all only read, or all are writes that the leader decides in their order. For the
/// connection's thread.
final class KeysInFlight {

    private final Map<Key, Use> uses = new HashMap<>();

    /// A key, compared by its bytes.
    private record Key(byte[] bytes) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key(byte[] others) && Arrays.equals(bytes, others);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /// How many commands use a key.
    ///
    /// @param writers those of them that may change it
    /// @param ordered those of them that the leader decides in their order
    private record Use(int all, int writers, int ordered) {

        Use and(boolean write, boolean inOrder) {
            return new Use(all + 1, writers + (write ? 1 : 0), ordered + (inOrder ? 1 : 0));
        }

        Use without(boolean write, boolean inOrder) {
            return new Use(all - 1, writers - (write ? 1 : 0), ordered - (inOrder ? 1 : 0));
        }

        boolean isBlocking(boolean write, boolean inOrder) {
            return inOrder ? ordered < all : write || writers > 0;
        }
    }

    /// Whether a command must wait.
    boolean isBlocking(RedisCommand command, byte[][] arguments) {
        boolean write = command.isWrite();
        boolean inOrder = command.isDecidedByLeader(arguments);
        int last = command.lastKey(arguments.length);
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            Use use = uses.get(new Key(arguments[i]));
            if (use != null && use.isBlocking(write, inOrder)) {
                return true;
            }
        }
        return false;
    }

    /// Adds the keys of a command that begins.
    void add(RedisCommand command, byte[][] arguments) {
        boolean inOrder = command.isDecidedByLeader(arguments);
        int last = command.lastKey(arguments.length);
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            uses.merge(
                    new Key(arguments[i]),
                    new Use(0, 0, 0).and(command.isWrite(), inOrder),
                    (old, _) -> old.and(command.isWrite(), inOrder));
        }
    }

    /// Removes the keys of a command that was answered.
    void remove(RedisCommand command, byte[][] arguments) {
        boolean inOrder = command.isDecidedByLeader(arguments);
        int last = command.lastKey(arguments.length);
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            uses.computeIfPresent(new Key(arguments[i]), (_, use) -> {
                Use less = use.without(command.isWrite(), inOrder);
                return less.all() == 0 ? null : less;
            });
        }
    }
}
