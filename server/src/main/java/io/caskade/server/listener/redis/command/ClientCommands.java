package io.caskade.server.listener.redis.command;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/// `CLIENT`: what clients say of themselves, and learn of others.
final class ClientCommands {

    private static final String GROUP = "connection";

    private static final Reply TRACKING_OFF = out -> {
        out.map(3);
        out.bulk("flags");
        out.set(1);
        out.bulk("off");
        out.bulk("redirect");
        out.integer(-1);
        out.bulk("prefixes");
        out.array(0);
    };

    private final Clients clients;

    ClientCommands(Clients clients) {
        this.clients = clients;
    }

    List<RedisCommand> commands() {
        List<RedisCommand> subcommands = List.of(
                of(
                        "id",
                        2,
                        "5.0.0",
                        "Returns the connection's number.",
                        call -> Reply.integer(call.client().id())),
                of(
                        "info",
                        2,
                        "6.2.0",
                        "Describes the connection.",
                        call -> Reply.verbatim(call.client().line() + "\n")),
                of("list", -2, "2.4.0", "Describes all connections of the node.", this::list)
                        .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE),
                of("setname", 3, "2.6.9", "Names the connection.", ClientCommands::setName),
                of("getname", 2, "2.6.9", "Returns the connection's name.", ClientCommands::getName),
                of("setinfo", 4, "7.2.0", "Names the client's library or its release.", ClientCommands::setInfo),
                of("reply", 3, "3.2.0", "Turns replies on or off, or skips the next.", ClientCommands::reply),
                of("no-evict", 3, "7.0.0", "Accepted; no client is evicted.", ClientCommands::noEvict)
                        .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE),
                of("no-touch", 3, "7.2.0", "Accepted; there are no access times.", ClientCommands::noTouch),
                of("kill", -3, "2.4.0", "Closes connections of the node.", this::kill)
                        .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE),
                of("pause", -3, "3.0.0", "Lets all commands of clients wait, or those that write.", this::pause)
                        .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE)
                        .but("Of this node's Redis clients: those of other nodes and protocols go on."
                                + " `CLIENT UNPAUSE` never waits."),
                of("unpause", 2, "6.2.0", "Ends a pause.", this::unpause)
                        .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE),
                of("unblock", -3, "5.0.0", "Answers 0: no command waits for data.", ClientCommands::unblock)
                        .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE),
                of("caching", 3, "6.0.0", "Refused: there is no client-side caching.", _ -> {
                    throw new RedisError(
                            "ERR CLIENT CACHING can be called only when the client is in tracking mode with"
                                    + " OPTIN or OPTOUT mode enabled");
                }),
                of("getredir", 2, "6.0.0", "Answers -1: there is no client-side caching.", _ -> Reply.integer(-1)),
                of("trackinginfo", 2, "6.2.0", "Answers that client-side caching is off.", _ -> TRACKING_OFF),
                of("tracking", -3, "6.0.0", "Turns client-side caching on or off.", this::tracking)
                        .but("`ON` is refused: there is no feed of invalidations."));
        return List.of(ContainerCommands.of("client", GROUP, "2.4.0", "About connections.", subcommands));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of("client|" + name, arity, GROUP, since, "O(1)", summary, Handler.now(answer))
                .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE);
    }

    /// A name for a connection.
    ///
    /// @throws RedisError when it could be mistaken in the list of clients
    static String requireName(byte[] name) {
        if (!isPlain(name)) {
            throw new RedisError("ERR Client names cannot contain spaces, newlines or special characters.");
        }
        return Arguments.latin1(name);
    }

    private static boolean isPlain(byte[] text) {
        for (byte b : text) {
            if (b < '!' || b > '~') {
                return false;
            }
        }
        return true;
    }

    private static Reply setName(Call call) {
        call.client().setName(requireName(call.argument(2)));
        return Reply.OK;
    }

    private static Reply getName(Call call) {
        String name = call.client().name();
        return name.isEmpty() ? Reply.NONE : Reply.bulk(name);
    }

    private static Reply setInfo(Call call) {
        boolean library = call.is(2, "LIB-NAME");
        if (!library && !call.is(2, "LIB-VER")) {
            throw new RedisError("ERR Unrecognized option '" + Arguments.latin1(call.argument(2)) + "'");
        }
        if (!isPlain(call.argument(3))) {
            throw new RedisError("ERR " + (library ? "lib-name" : "lib-ver")
                    + " cannot contain spaces, newlines or special characters.");
        }
        String value = Arguments.latin1(call.argument(3));
        if (library) {
            call.client().setLibrary(value);
        } else {
            call.client().setLibraryVersion(value);
        }
        return Reply.OK;
    }

    private static Reply reply(Call call) {
        Client client = call.client();
        if (call.is(2, "ON")) {
            client.turnRepliesOn();
            return Reply.OK;
        }
        if (call.is(2, "OFF")) {
            client.turnRepliesOff();
        } else if (call.is(2, "SKIP")) {
            if (!client.hasRepliesOff()) {
                client.skipNextReply();
            }
        } else {
            throw RedisError.syntax();
        }
        return Reply.SILENCE;
    }

    private static Reply noEvict(Call call) {
        call.client().setNoEvict(Arguments.either(call.argument(2), "ON", "OFF"));
        return Reply.OK;
    }

    private static Reply noTouch(Call call) {
        call.client().setNoTouch(Arguments.either(call.argument(2), "ON", "OFF"));
        return Reply.OK;
    }

    private Reply tracking(Call call) {
        for (int i = 3; i < call.size(); i++) {
            boolean hasArgument = i + 1 < call.size();
            if (call.is(i, "REDIRECT") && hasArgument) {
                i++;
                requireClient(call.integer(i));
            } else if (call.is(i, "PREFIX") && hasArgument) {
                i++;
            } else if (!call.is(i, "BCAST") && !call.is(i, "OPTIN") && !call.is(i, "OPTOUT") && !call.is(i, "NOLOOP")) {
                throw RedisError.syntax();
            }
        }
        if (Arguments.either(call.argument(2), "ON", "OFF")) {
            throw new RedisError("ERR client-side caching is not supported: there is no feed of invalidations");
        }
        return Reply.OK;
    }

    private void requireClient(long id) {
        if (clients.all().stream().noneMatch(client -> client.id() == id)) {
            throw new RedisError("ERR The client ID you want redirect to does not exist");
        }
    }

    private static Reply unblock(Call call) {
        if (call.size() > 4 || (call.size() == 4 && !call.is(3, "TIMEOUT") && !call.is(3, "ERROR"))) {
            throw new RedisError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        }
        call.integer(2);
        return Reply.ZERO;
    }

    private Reply pause(Call call) {
        if (call.size() > 4) {
            throw new RedisError("ERR unknown subcommand or wrong number of arguments for '"
                    + Arguments.latin1(call.argument(1)) + "'. Try CLIENT HELP.");
        }
        boolean writes = call.size() == 4 && call.is(3, "WRITE");
        if (call.size() == 4 && !writes && !call.is(3, "ALL")) {
            throw new RedisError("ERR CLIENT PAUSE mode must be WRITE or ALL");
        }
        long millis = number(call.argument(2), "ERR timeout is not an integer or out of range");
        if (millis < 0) {
            throw new RedisError("ERR timeout is negative");
        }
        clients.pause().begin(millis, !writes);
        return Reply.OK;
    }

    private Reply unpause(Call call) {
        clients.pause().end();
        return Reply.OK;
    }

    private Reply list(Call call) {
        Predicate<Client> listed;
        if (call.size() == 2) {
            listed = _ -> true;
        } else if (call.size() == 4 && call.is(2, "TYPE")) {
            listed = ofType(call.argument(3));
        } else if (call.size() > 3 && call.is(2, "ID")) {
            List<Long> ids = new ArrayList<>();
            for (int i = 3; i < call.size(); i++) {
                ids.add(number(call.argument(i), "ERR Invalid client ID"));
            }
            listed = client -> ids.contains(client.id());
        } else {
            throw RedisError.syntax();
        }
        StringBuilder lines = new StringBuilder();
        clients.all().stream()
                .filter(listed)
                .forEach(client -> lines.append(client.line()).append('\n'));
        return Reply.verbatim(lines.toString());
    }

    private static long number(byte[] argument, String otherwise) {
        try {
            return Arguments.integer(argument);
        } catch (RedisError e) {
            throw new RedisError(otherwise);
        }
    }

    private static Predicate<Client> ofType(byte[] type) {
        if (Arguments.is(type, "normal")) {
            return _ -> true;
        }
        if (Arguments.is(type, "master")
                || Arguments.is(type, "replica")
                || Arguments.is(type, "slave")
                || Arguments.is(type, "pubsub")) {
            return _ -> false;
        }
        throw new RedisError("ERR Unknown client type '" + Arguments.latin1(type) + "'");
    }

    private Reply kill(Call call) {
        boolean byAddress = call.size() == 3;
        Predicate<Client> killed = byAddress ? at(call.argument(2)) : filter(call);
        List<Client> found = clients.all().stream().filter(killed).toList();
        if (byAddress && found.isEmpty()) {
            throw new RedisError("ERR No such client");
        }
        for (Client client : found) {
            if (client.equals(call.client())) {
                client.endAfterReply();
            } else {
                clients.remove(client);
                client.kill();
            }
        }
        return byAddress ? Reply.OK : Reply.integer(found.size());
    }

    private static Predicate<Client> at(byte[] address) {
        String wanted = Arguments.latin1(address);
        return client -> client.address().equals(wanted);
    }

    private static Predicate<Client> filter(Call call) {
        if (call.size() % 2 != 0) {
            throw RedisError.syntax();
        }
        Predicate<Client> killed = _ -> true;
        boolean skipsSelf = true;
        for (int i = 2; i < call.size(); i += 2) {
            byte[] value = call.argument(i + 1);
            if (call.is(i, "ID")) {
                String otherwise = "ERR client-id should be greater than 0";
                long id = number(value, otherwise);
                if (id < 1) {
                    throw new RedisError(otherwise);
                }
                killed = killed.and(client -> client.id() == id);
            } else if (call.is(i, "TYPE")) {
                killed = killed.and(ofType(value));
            } else if (call.is(i, "ADDR")) {
                killed = killed.and(at(value));
            } else if (call.is(i, "LADDR")) {
                String local = Arguments.latin1(value);
                killed = killed.and(client -> client.localAddress().equals(local));
            } else if (call.is(i, "USER")) {
                requireUser(value);
            } else if (call.is(i, "SKIPME")) {
                skipsSelf = Arguments.either(value, "yes", "no");
            } else {
                throw RedisError.syntax();
            }
        }
        return skipsSelf ? killed.and(client -> !client.equals(call.client())) : killed;
    }

    private static void requireUser(byte[] user) {
        if (!Arguments.latin1(user).equals("default")) {
            throw new RedisError("ERR No such user '" + Arguments.latin1(user) + "'");
        }
    }
}
