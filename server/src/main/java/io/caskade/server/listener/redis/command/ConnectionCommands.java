package io.caskade.server.listener.redis.command;

import java.util.List;
import java.util.function.Function;

/// What clients say to begin, keep and end a connection.
final class ConnectionCommands {

    private static final String GROUP = "connection";
    private static final String DEFAULT_USER = "default";
    private static final String NO_PASSWORD =
            "ERR AUTH <password> called without any password configured for the default user."
                    + " Are you sure your configuration is correct?";
    private static final String WRONG_USER = "WRONGPASS invalid username-password pair or user is disabled.";

    private ConnectionCommands() {}

    static List<RedisCommand> commands() {
        return List.of(
                of("ping", -1, "1.0.0", "Answers PONG, or the argument.", ConnectionCommands::ping)
                        .with(Flag.FAST),
                of("echo", 2, "1.0.0", "Answers the argument.", call -> Reply.bulk(call.argument(1)))
                        .with(Flag.LOADING, Flag.STALE, Flag.FAST),
                of("hello", -1, "6.0.0", "Chooses RESP2 or RESP3, and describes the server.", ConnectionCommands::hello)
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST, Flag.NO_AUTH),
                of("auth", -2, "1.0.0", "Authenticates the client.", ConnectionCommands::auth)
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST, Flag.NO_AUTH)
                        .but("There are no passwords: the user `default` may come with any."),
                of("select", 2, "1.0.0", "Chooses the database.", ConnectionCommands::select)
                        .with(Flag.LOADING, Flag.STALE, Flag.FAST)
                        .but("There is only database 0."),
                of("quit", -1, "1.0.0", "Closes the connection.", ConnectionCommands::quit)
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST, Flag.NO_AUTH),
                of("reset", 1, "6.2.0", "Makes the connection as it was at first.", ConnectionCommands::reset)
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST, Flag.NO_AUTH));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of(name, arity, GROUP, since, "O(1)", summary, Handler.now(answer));
    }

    private static Reply ping(Call call) {
        if (call.size() > 2) {
            throw RedisError.wrongArity("ping");
        }
        return call.size() == 1 ? Reply.simple("PONG") : Reply.bulk(call.argument(1));
    }

    /// Changes the protocol of its own reply, too, and nothing at all when it is refused.
    private static Reply hello(Call call) {
        boolean resp3 = call.size() > 1 ? wantsResp3(call) : call.client().isResp3();
        String name = null;
        int i = 2;
        while (i < call.size()) {
            if (call.is(i, "AUTH") && i + 2 < call.size()) {
                requireUser(call.argument(i + 1));
                i += 3;
            } else if (call.is(i, "SETNAME") && i + 1 < call.size()) {
                name = ClientCommands.requireName(call.argument(i + 1));
                i += 2;
            } else {
                throw new RedisError("ERR Syntax error in HELLO option '" + Arguments.latin1(call.argument(i)) + "'");
            }
        }
        Client client = call.client();
        client.setResp3(resp3);
        if (name != null) {
            client.setName(name);
        }
        return out -> {
            out.map(7);
            out.bulk("server");
            out.bulk("redis");
            out.bulk("version");
            out.bulk(ServerIdentity.REDIS_VERSION);
            out.bulk("proto");
            out.integer(resp3 ? 3 : 2);
            out.bulk("id");
            out.integer(client.id());
            out.bulk("mode");
            out.bulk(client.isInClusterMode() ? "cluster" : "standalone");
            out.bulk("role");
            out.bulk("master");
            out.bulk("modules");
            out.array(0);
        };
    }

    private static boolean wantsResp3(Call call) {
        long version;
        try {
            version = call.integer(1);
        } catch (RedisError e) {
            throw new RedisError("ERR Protocol version is not an integer or out of range");
        }
        if (version != 2 && version != 3) {
            throw new RedisError("NOPROTO unsupported protocol version");
        }
        return version == 3;
    }

    /// The names of users are case-sensitive.
    private static void requireUser(byte[] user) {
        if (!Arguments.latin1(user).equals(DEFAULT_USER)) {
            throw new RedisError(WRONG_USER);
        }
    }

    private static Reply auth(Call call) {
        if (call.size() > 3) {
            throw RedisError.syntax();
        }
        if (call.size() == 2) {
            throw new RedisError(NO_PASSWORD);
        }
        requireUser(call.argument(1));
        return Reply.OK;
    }

    private static Reply select(Call call) {
        requireDatabase(call.integer(1));
        return Reply.OK;
    }

    /// Refuses all databases but 0.
    static void requireDatabase(long database) {
        if (database != (int) database) {
            throw new RedisError(
                    "ERR value is out of range, value must between " + Integer.MIN_VALUE + " and " + Integer.MAX_VALUE);
        }
        if (database != 0) {
            throw new RedisError("ERR DB index is out of range");
        }
    }

    private static Reply quit(Call call) {
        call.client().endAfterReply();
        return Reply.OK;
    }

    private static Reply reset(Call call) {
        call.client().reset();
        return Reply.simple("RESET");
    }
}
