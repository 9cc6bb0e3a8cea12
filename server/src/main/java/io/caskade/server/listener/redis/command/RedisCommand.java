package io.caskade.server.listener.redis.command;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// A command, as the table of commands has it. Immutable.
///
/// @param name in lower case; of a subcommand with its container, `client|id`
/// @param arity the number of arguments, the name included; negative for at least so many
/// @param flags what it is
/// @param keys which arguments are keys
/// @param group the group of Redis's documentation
/// @param since the release of Redis that has it since
/// @param summary one sentence
/// @param complexity as Redis states it
/// @param differences from Redis; empty for none
/// @param handler carries it out; of a container without a subcommand
/// @param subcommands of a container
public record RedisCommand(
        String name,
        int arity,
        Set<Flag> flags,
        KeySpec keys,
        String group,
        String since,
        String summary,
        String complexity,
        String differences,
        Handler handler,
        List<RedisCommand> subcommands) {

    /// The group of the commands about transactions.
    static final String TRANSACTIONS = "transactions";

    private static final String UNKNOWN = "unknown";

    /// Makes the collections immutable.
    public RedisCommand {
        flags = flags.isEmpty() ? Set.of() : Set.copyOf(flags);
        subcommands = List.copyOf(subcommands);
    }

    /// A command without keys, flags or subcommands.
    static RedisCommand of(
            String name, int arity, String group, String since, String complexity, String summary, Handler handler) {
        return new RedisCommand(
                name, arity, Set.of(), KeySpec.NONE, group, since, summary, complexity, "", handler, List.of());
    }

    /// Stands for an unknown command, or for one that was sent malformed.
    static RedisCommand unknown(Handler failing) {
        return of(UNKNOWN, -1, "", "", "", "", failing).with(Flag.SKIP_SLOWLOG);
    }

    /// Whether it stands for an unknown command.
    boolean isUnknown() {
        return name.equals(UNKNOWN);
    }

    /// The same with flags.
    RedisCommand with(Flag first, Flag... others) {
        return new RedisCommand(
                name,
                arity,
                EnumSet.of(first, others),
                keys,
                group,
                since,
                summary,
                complexity,
                differences,
                handler,
                subcommands);
    }

    /// The same with keys.
    RedisCommand with(KeySpec spec) {
        return new RedisCommand(
                name, arity, flags, spec, group, since, summary, complexity, differences, handler, subcommands);
    }

    /// The same with a difference from Redis.
    RedisCommand but(String difference) {
        return new RedisCommand(
                name, arity, flags, keys, group, since, summary, complexity, difference, handler, subcommands);
    }

    /// The same with subcommands.
    RedisCommand with(List<RedisCommand> some) {
        return new RedisCommand(
                name, arity, flags, keys, group, since, summary, complexity, differences, handler, some);
    }

    /// Whether it may have so many arguments, its name included.
    public boolean accepts(int arguments) {
        return arity >= 0 ? arguments == arity : arguments >= -arity;
    }

    /// Whether it may change records: what a transaction has queued may.
    public boolean isWrite() {
        return flags.contains(Flag.WRITE) || name.equals("exec");
    }

    /// Whether a call of it is one write of one key that the leader decides alone: such calls of a connection
    /// follow one another without waiting.
    ///
    /// @param arguments its name first
    public boolean isDecidedByLeader(byte[][] arguments) {
        return switch (name) {
            case "setnx", "setex", "psetex", "incr", "decr", "incrby", "decrby", "persist" -> true;
            case "del", "unlink" -> arguments.length == 2;
            case "expire", "pexpire", "expireat", "pexpireat" -> arguments.length == 3;
            case "set" -> !returnsOldValue(arguments);
            default -> false;
        };
    }

    private static boolean returnsOldValue(byte[][] arguments) {
        for (int i = 3; i < arguments.length; i++) {
            if (Arguments.is(arguments[i], "GET")) {
                return true;
            }
        }
        return false;
    }

    /// Whether it names keys.
    boolean hasKeys() {
        return keys.first() != 0;
    }

    /// Whether it waits for all commands before it on its connection, and those after it wait: all but the
    /// commands that name their keys. What follows a `WATCH` must not be older than it.
    public boolean isBarrier() {
        return !hasKeys() || group.equals(TRANSACTIONS);
    }

    /// The index of the first argument that is a key; beyond [#lastKey] when none is.
    public int firstKey() {
        return keys.first() == 0 ? Integer.MAX_VALUE : keys.first();
    }

    /// The index of the last argument that is a key, of so many arguments.
    public int lastKey(int arguments) {
        return keys.lastOf(arguments);
    }

    /// From one argument that is a key to the next.
    public int keyStep() {
        return keys.step();
    }

    /// Its name as people write it: `CLIENT ID`.
    String title() {
        return name.replace('|', ' ').toUpperCase(Locale.ROOT);
    }

    /// The categories of `ACL CAT` that it is in, with their at signs.
    Set<String> categories() {
        Set<String> categories = new TreeSet<>();
        if (flags.contains(Flag.WRITE)) {
            categories.add("@write");
        }
        if (flags.contains(Flag.READONLY)) {
            categories.add("@read");
        }
        if (flags.contains(Flag.ADMIN)) {
            categories.add("@admin");
            categories.add("@dangerous");
        }
        categories.add(flags.contains(Flag.FAST) ? "@fast" : "@slow");
        switch (group) {
            case "string" -> categories.add("@string");
            case "bitmap" -> categories.add("@bitmap");
            case "scripting" -> categories.add("@scripting");
            case "generic" -> categories.add("@keyspace");
            case "connection" -> categories.add("@connection");
            case TRANSACTIONS -> categories.add("@transaction");
            default -> {}
        }
        return categories;
    }
}
