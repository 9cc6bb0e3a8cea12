package io.caskade.server.listener.redis.command;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// `CONFIG`: what tools ask for, in Redis's words. A node's own settings are in its file.
final class ConfigCommands {

    private static final String GROUP = "server";

    private final ServerStats stats;
    private final Map<String, String> parameters;

    /// @param maxBulkBytes the longest string that is accepted
    /// @param maxClients how many connections there may be
    ConfigCommands(ServerStats stats, long maxBulkBytes, int maxClients) {
        this.stats = stats;
        this.parameters = new TreeMap<>(Map.ofEntries(
                Map.entry("appendfsync", "always"),
                Map.entry("appendonly", "yes"),
                Map.entry("cluster-enabled", "yes"),
                Map.entry("databases", "1"),
                Map.entry("hz", "10"),
                Map.entry("latency-monitor-threshold", "0"),
                Map.entry("maxclients", Integer.toString(maxClients)),
                Map.entry("maxmemory", "0"),
                Map.entry("maxmemory-policy", "noeviction"),
                Map.entry("notify-keyspace-events", ""),
                Map.entry("proto-max-bulk-len", Long.toString(maxBulkBytes)),
                Map.entry("requirepass", ""),
                Map.entry("save", ""),
                Map.entry("slowlog-log-slower-than", "-1"),
                Map.entry("slowlog-max-len", "0"),
                Map.entry("tcp-keepalive", "300"),
                Map.entry("timeout", "0")));
    }

    List<RedisCommand> commands() {
        List<RedisCommand> subcommands = List.of(
                of("get", -3, "2.0.0", "Returns parameters that match patterns.", this::get)
                        .but("Knows what tools ask for; a node's settings are in its file."),
                of("set", -4, "2.0.0", "Accepts what is so already.", this::set)
                        .but("Changes nothing; another value than the current one is refused."),
                of("resetstat", 2, "2.0.0", "Sets the counts of INFO back to 0.", _ -> {
                    stats.reset();
                    return Reply.OK;
                }),
                of("rewrite", 2, "2.8.0", "Refused: there is no file of parameters.", _ -> {
                    throw new RedisError("ERR The server is running without a config file");
                }));
        return List.of(Containers.of("config", GROUP, "2.0.0", "About parameters.", subcommands));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of("config|" + name, arity, GROUP, since, "O(N)", summary, Handler.now(answer))
                .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE);
    }

    private Reply get(Call call) {
        Map<String, String> found = new TreeMap<>();
        for (int i = 2; i < call.size(); i++) {
            Glob pattern = new Glob(call.argument(i), true);
            parameters.forEach((name, value) -> {
                if (pattern.matches(name.getBytes(StandardCharsets.US_ASCII))) {
                    found.put(name, value);
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

    private Reply set(Call call) {
        if (call.size() % 2 != 0) {
            throw RedisError.wrongArity("config|set");
        }
        for (int i = 2; i < call.size(); i += 2) {
            String name = Arguments.latin1(call.argument(i));
            String current = parameters.get(name.toLowerCase(Locale.ROOT));
            if (current == null) {
                throw new RedisError("ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'");
            }
            if (!current.equalsIgnoreCase(Arguments.latin1(call.argument(i + 1)))) {
                throw new RedisError("ERR CONFIG SET failed (possibly related to argument '" + name
                        + "') - can't set immutable config");
            }
        }
        return Reply.OK;
    }
}
