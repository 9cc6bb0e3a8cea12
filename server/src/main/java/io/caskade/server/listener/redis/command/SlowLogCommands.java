package io.caskade.server.listener.redis.command;

import io.caskade.server.listener.redis.resp.RespWriter;
import java.util.List;
import java.util.function.Function;

/// `SLOWLOG`: shows the commands of the node that took long.
final class SlowLogCommands {

    private static final String GROUP = "server";
    private static final long DEFAULT_COUNT = 10;

    private final SlowLog log;

    SlowLogCommands(SlowLog log) {
        this.log = log;
    }

    List<RedisCommand> commands() {
        List<RedisCommand> subcommands = List.of(
                of("get", -2, "Returns the last commands that took long.", this::get),
                of("len", 2, "Counts them.", _ -> Reply.integer(log.size())),
                of("reset", 2, "Forgets them.", _ -> {
                    log.clear();
                    return Reply.OK;
                }));
        return List.of(ContainerCommands.of("slowlog", GROUP, "2.2.12", "About slow commands.", subcommands)
                .but("Of this node. A command's time includes waiting for disks and other nodes."));
    }

    private static RedisCommand of(String name, int arity, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of("slowlog|" + name, arity, GROUP, "2.2.12", "O(N)", summary, Handler.now(answer))
                .with(Flag.ADMIN, Flag.LOADING, Flag.STALE);
    }

    private Reply get(Call call) {
        if (call.size() > 3) {
            throw new RedisError("ERR unknown subcommand or wrong number of arguments for '"
                    + Arguments.latin1(call.argument(1)) + "'. Try SLOWLOG HELP.");
        }
        List<SlowLog.Entry> entries = log.newest(call.size() == 3 ? count(call.argument(2)) : DEFAULT_COUNT);
        return out -> {
            out.array(entries.size());
            entries.forEach(entry -> write(out, entry));
        };
    }

    private static long count(byte[] argument) {
        long count;
        try {
            count = Arguments.integer(argument);
        } catch (RedisError e) {
            count = Long.MIN_VALUE;
        }
        if (count < -1) {
            throw new RedisError("ERR count should be greater than or equal to -1");
        }
        return count;
    }

    private static void write(RespWriter out, SlowLog.Entry entry) {
        out.array(6);
        out.integer(entry.id());
        out.integer(entry.time());
        out.integer(entry.micros());
        out.array(entry.arguments().size());
        entry.arguments().forEach(out::bulk);
        out.bulk(entry.address());
        out.bulk(entry.name());
    }
}
