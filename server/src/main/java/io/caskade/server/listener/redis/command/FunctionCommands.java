package io.caskade.server.listener.redis.command;

import java.util.List;

/// `FUNCTION`: there are no functions, so what tools do before they use a database is done already.
final class FunctionCommands {

    private static final String GROUP = "scripting";

    private FunctionCommands() {}

    static List<RedisCommand> commands() {
        List<RedisCommand> subcommands = List.of(
                RedisCommand.of(
                                "function|flush",
                                -2,
                                GROUP,
                                "7.0.0",
                                "O(1)",
                                "Accepted; there are no functions.",
                                Handler.now(FunctionCommands::flush))
                        .with(Flag.NOSCRIPT),
                RedisCommand.of(
                                "function|list",
                                -2,
                                GROUP,
                                "7.0.0",
                                "O(1)",
                                "Answers that there are none.",
                                Handler.now(FunctionCommands::list))
                        .with(Flag.NOSCRIPT));
        return List.of(ContainerCommands.of("function", GROUP, "7.0.0", "About functions.", subcommands));
    }

    private static Reply list(Call call) {
        boolean named = false;
        boolean withCode = false;
        for (int i = 2; i < call.size(); i++) {
            if (!withCode && call.is(i, "WITHCODE")) {
                withCode = true;
            } else if (!named && call.is(i, "LIBRARYNAME")) {
                named = true;
                i++;
                if (i == call.size()) {
                    throw new RedisError("ERR library name argument was not given");
                }
            } else {
                throw new RedisError("ERR Unknown argument " + Arguments.latin1(call.argument(i)));
            }
        }
        return Reply.EMPTY;
    }

    private static Reply flush(Call call) {
        if (call.size() > 3) {
            throw new RedisError("ERR unknown subcommand or wrong number of arguments for '"
                    + Arguments.latin1(call.argument(1)) + "'. Try FUNCTION HELP.");
        }
        boolean isKnown = call.size() == 2 || (call.size() == 3 && (call.is(2, "SYNC") || call.is(2, "ASYNC")));
        if (!isKnown) {
            throw new RedisError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
        }
        return Reply.OK;
    }
}
