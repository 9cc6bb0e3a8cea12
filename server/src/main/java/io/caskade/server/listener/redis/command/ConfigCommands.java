package io.caskade.server.listener.redis.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/// `CONFIG`: what tools ask for, in Redis's words. A node's own settings are in its file.
final class ConfigCommands {

    private static final String GROUP = "server";

    private final ServerStats stats;
    private final Map<String, Parameter> parameters;

    /// A parameter of Redis.
    private sealed interface Parameter {
        String value();

        /// It is so and stays so.
        record Fixed(String value) implements Parameter {}

        /// It can be changed, from `least` on.
        record Variable(LongSupplier current, LongConsumer change, long least) implements Parameter {
            @Override
            public String value() {
                return Long.toString(current.getAsLong());
            }
        }
    }

    /// @param maxBulkBytes the longest string that is accepted
    /// @param maxClients how many connections there may be
    ConfigCommands(ServerStats stats, SlowLog slowLog, long maxBulkBytes, int maxClients) {
        this.stats = stats;
        this.parameters = new TreeMap<>();
        fixed("appendfsync", "always");
        fixed("appendonly", "yes");
        fixed("cluster-enabled", "yes");
        fixed("daemonize", "no");
        fixed("databases", "1");
        fixed("hz", "10");
        fixed("latency-monitor-threshold", "0");
        fixed("maxclients", Integer.toString(maxClients));
        fixed("maxmemory", "0");
        fixed("maxmemory-policy", "noeviction");
        fixed("notify-keyspace-events", "");
        fixed("proto-max-bulk-len", Long.toString(maxBulkBytes));
        fixed("requirepass", "");
        fixed("save", "");
        fixed("tcp-keepalive", "300");
        fixed("timeout", "0");
        variable("slowlog-log-slower-than", slowLog::thresholdMicros, slowLog::setThresholdMicros, -1);
        variable("slowlog-max-len", slowLog::maxEntries, slowLog::setMaxEntries, 0);
        // There are no lists; test suites set it before they know.
        AtomicLong listSize = new AtomicLong(-2);
        variable("list-max-listpack-size", listSize::get, listSize::set, Integer.MIN_VALUE);
    }

    private void fixed(String name, String value) {
        parameters.put(name, new Parameter.Fixed(value));
    }

    private void variable(String name, LongSupplier current, LongConsumer change, long least) {
        parameters.put(name, new Parameter.Variable(current, change, least));
    }

    List<RedisCommand> commands() {
        List<RedisCommand> subcommands = List.of(
                of("get", -3, "2.0.0", "Returns parameters that match patterns.", this::get)
                        .but("Knows what tools ask for; a node's settings are in its file."),
                of("set", -4, "2.0.0", "Sets parameters of the node, until it is stopped.", this::set)
                        .but("Only `slowlog-log-slower-than` and `slowlog-max-len` change anything."),
                of("resetstat", 2, "2.0.0", "Sets the counts of INFO back to 0.", _ -> {
                    stats.reset();
                    return Reply.OK;
                }),
                of("rewrite", 2, "2.8.0", "Refused: there is no file of parameters.", _ -> {
                    throw new RedisError("ERR The server is running without a config file");
                }));
        return List.of(ContainerCommands.of("config", GROUP, "2.0.0", "About parameters.", subcommands));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of("config|" + name, arity, GROUP, since, "O(N)", summary, Handler.now(answer))
                .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE);
    }

    private Reply get(Call call) {
        Map<String, String> found = new TreeMap<>();
        for (int i = 2; i < call.size(); i++) {
            Glob pattern = new Glob(call.argument(i), true);
            parameters.forEach((name, parameter) -> {
                if (pattern.matches(name.getBytes(StandardCharsets.US_ASCII))) {
                    found.put(name, parameter.value());
                }
            });
        }
        return out -> {
            out.map(found.size());
            found.forEach((name, value) -> {
                out.bulk(name);
                out.bulk(value);
            });
        };
    }

    /// Sets all parameters or none.
    private Reply set(Call call) {
        if (call.size() % 2 != 0) {
            throw RedisError.syntax();
        }
        requireDifferent(call);
        List<Runnable> changes = new ArrayList<>();
        for (int i = 2; i < call.size(); i += 2) {
            String name = Arguments.latin1(call.argument(i));
            byte[] value = call.argument(i + 1);
            switch (parameter(name)) {
                case Parameter.Fixed(String current) -> requireSame(name, current, value);
                case Parameter.Variable variable -> {
                    long wanted = number(name.toLowerCase(Locale.ROOT), value, variable.least());
                    changes.add(() -> variable.change().accept(wanted));
                }
            }
        }
        changes.forEach(Runnable::run);
        return Reply.OK;
    }

    private void requireDifferent(Call call) {
        Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 2; i < call.size(); i += 2) {
            String name = Arguments.latin1(call.argument(i));
            if (!seen.add(parameter(name))) {
                throw failed(name, "duplicate parameter");
            }
        }
    }

    private Parameter parameter(String name) {
        Parameter parameter = parameters.get(name.toLowerCase(Locale.ROOT));
        if (parameter == null) {
            throw new RedisError("ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'");
        }
        return parameter;
    }

    private static void requireSame(String name, String current, byte[] value) {
        if (!current.equalsIgnoreCase(Arguments.latin1(value))) {
            throw failed(name, "can't set immutable config");
        }
    }

    private static long number(String name, byte[] argument, long least) {
        long number;
        try {
            number = Arguments.integer(argument);
        } catch (RedisError e) {
            throw failed(name, "argument couldn't be parsed into an integer");
        }
        if (number < least) {
            throw failed(name, "argument must be between " + least + " and " + Long.MAX_VALUE + " inclusive");
        }
        return number;
    }

    private static RedisError failed(String name, String why) {
        return new RedisError("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + why);
    }
}
