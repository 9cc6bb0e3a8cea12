package io.caskade.server.listener.redis.command;

import java.util.List;

/// What a command does with some of its keys, as `COMMAND INFO` and `COMMAND GETKEYSANDFLAGS` say it.
///
/// @param keys which of its arguments they are
/// @param flags `RO`, `RW`, `OW` (overwritten) or `RM` (removed), and what is done with the values
record KeyAccess(KeySpec keys, List<String> flags) {

    private static final List<String> READ = List.of("RO", "access");
    private static final List<String> OVERWRITE = List.of("OW", "update");

    /// What a command does with its keys, in their order.
    static List<KeyAccess> of(RedisCommand command) {
        KeySpec first = new KeySpec(1, 1, 1);
        KeySpec second = new KeySpec(2, 2, 1);
        return switch (command.name()) {
            case "rename" ->
                List.of(new KeyAccess(first, List.of("RW", "access", "delete")), new KeyAccess(second, OVERWRITE));
            case "renamenx" ->
                List.of(
                        new KeyAccess(first, List.of("RW", "access", "delete")),
                        new KeyAccess(second, List.of("OW", "insert")));
            case "copy" -> List.of(new KeyAccess(first, READ), new KeyAccess(second, OVERWRITE));
            case "bitop" -> List.of(new KeyAccess(second, OVERWRITE), new KeyAccess(new KeySpec(3, -1, 1), READ));
            default -> command.hasKeys() ? List.of(new KeyAccess(command.keys(), flags(command.name()))) : List.of();
        };
    }

    /// What a call of a command does with its keys: `SET` reads them only if it is told to.
    ///
    /// @param arguments its name first
    static List<KeyAccess> of(RedisCommand command, byte[][] arguments) {
        return command.name().equals("set") && command.isDecidedByLeader(arguments)
                ? List.of(new KeyAccess(command.keys(), OVERWRITE))
                : of(command);
    }

    private static List<String> flags(String command) {
        return switch (command) {
            case "exists",
                    "touch",
                    "type",
                    "ttl",
                    "pttl",
                    "expiretime",
                    "pexpiretime",
                    "strlen",
                    "watch",
                    "memory|usage",
                    "object|encoding",
                    "object|freq",
                    "object|idletime",
                    "object|refcount" -> List.of("RO");
            case "del", "unlink" -> List.of("RM", "delete");
            case "getdel" -> List.of("RW", "access", "delete");
            case "setex", "psetex", "mset", "restore" -> OVERWRITE;
            case "setnx", "msetnx" -> List.of("OW", "insert");
            case "append" -> List.of("RW", "insert");
            case "setrange", "expire", "pexpire", "expireat", "pexpireat", "persist" -> List.of("RW", "update");
            case "set", "getset", "getex", "incr", "decr", "incrby", "decrby", "incrbyfloat", "setbit", "bitfield" ->
                List.of("RW", "access", "update");
            default -> READ;
        };
    }
}
