package io.caskade.server.listener.redis.command;

import java.util.List;

/// `OBJECT`: how Redis would keep a value, told from the value alone.
final class ObjectCommands {

    private static final String GROUP = "generic";

    /// Redis keeps a string of so many bytes together with its header.
    private static final int MAX_EMBEDDED_BYTES = 44;

    private static final Reply NO_FREQUENCY = Reply.error("ERR An LFU maxmemory policy is not selected, access"
            + " frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data"
            + " will take some time to adjust.");

    private final Records records;

    ObjectCommands(Records records) {
        this.records = records;
    }

    List<RedisCommand> commands() {
        List<RedisCommand> subcommands = List.of(
                of(
                                "encoding",
                                "2.2.3",
                                "Tells how Redis would keep the value: int, embstr or raw.",
                                call -> records.answer(
                                        call,
                                        call.argument(2),
                                        found -> found == null ? Reply.NONE : Reply.bulk(encoding(found.value()))))
                        .but("Told from the value alone, not from how it came to be."),
                of("idletime", "2.2.3", "Answers 0 for a key that exists.", ifThere(Reply.ZERO))
                        .but("Access times are not kept."),
                of("freq", "4.0.0", "Refused: there is no eviction.", ifThere(NO_FREQUENCY)),
                of("refcount", "2.2.3", "Answers 1 for a key that exists.", ifThere(Reply.ONE))
                        .but("Values are not shared."));
        return List.of(ContainerCommands.of("object", GROUP, "2.2.3", "About how values are kept.", subcommands));
    }

    private Handler ifThere(Reply answer) {
        return call -> records.answerInfo(call, call.argument(2), found -> found == null ? Reply.NONE : answer);
    }

    private static RedisCommand of(String name, String since, String summary, Handler handler) {
        return RedisCommand.of("object|" + name, 3, GROUP, since, "O(1)", summary, handler)
                .with(Flag.READONLY)
                .with(new KeySpec(2, 2, 1));
    }

    private static String encoding(byte[] value) {
        if (isNumber(value)) {
            return "int";
        }
        return value.length <= MAX_EMBEDDED_BYTES ? "embstr" : "raw";
    }

    private static boolean isNumber(byte[] value) {
        try {
            Arguments.integer(value);
            return true;
        } catch (RedisError e) {
            return false;
        }
    }
}
