package io.caskade.server.listener.redis;

import io.caskade.server.listener.redis.command.RedisCommand;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The keys of a connection's commands that have no reply yet: a command waits for those before it that name
/// one of its keys, unless all only read. For the connection's thread.
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
    private record Use(int all, int writers) {

        Use and(boolean write) {
            return new Use(all + 1, writers + (write ? 1 : 0));
        }

        Use without(boolean write) {
            return new Use(all - 1, writers - (write ? 1 : 0));
        }
    }

    /// Whether a command must wait.
    boolean isBlocking(RedisCommand command, byte[][] arguments) {
        boolean write = command.isWrite();
        int last = command.lastKey(arguments.length);
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            Use use = uses.get(new Key(arguments[i]));
            if (use != null && (write || use.writers() > 0)) {
                return true;
            }
        }
        return false;
    }

    /// Adds the keys of a command that begins.
    void add(RedisCommand command, byte[][] arguments) {
        int last = command.lastKey(arguments.length);
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            uses.merge(
                    new Key(arguments[i]),
                    new Use(0, 0).and(command.isWrite()),
                    (old, _) -> old.and(command.isWrite()));
        }
    }

    /// Removes the keys of a command that was answered.
    void remove(RedisCommand command, byte[][] arguments) {
        int last = command.lastKey(arguments.length);
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            uses.computeIfPresent(new Key(arguments[i]), (_, use) -> {
                Use less = use.without(command.isWrite());
                return less.all() == 0 ? null : less;
            });
        }
    }
}
