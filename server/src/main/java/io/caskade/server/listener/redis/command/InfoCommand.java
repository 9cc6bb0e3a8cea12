package io.caskade.server.listener.redis.command;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// `INFO`: what a node is and does, in the sections and fields that tools read.
final class InfoCommand {

    private static final Set<String> ALL = Set.of("default", "all", "everything");
    private static final String KEYSPACE = "keyspace";

    private final ServerIdentity identity;
    private final ServerStats stats;
    private final Clients clients;
    private final ScanCommands keys;
    private final IntSupplier port;
    private final int maxClients;
    private final Instant started = Instant.now();
    private final Map<String, Function<Client, Map<String, Object>>> sections = new LinkedHashMap<>();

    /// @param port the port that the listener listens on
    /// @param maxClients how many connections there may be
    InfoCommand(
            ServerIdentity identity,
            ServerStats stats,
            Clients clients,
            ScanCommands keys,
            IntSupplier port,
            int maxClients) {
        this.identity = identity;
        this.stats = stats;
        this.clients = clients;
        this.keys = keys;
        this.port = port;
        this.maxClients = maxClients;
        sections.put("Server", this::server);
        sections.put("Clients", _ -> clients());
        sections.put("Memory", _ -> memory());
        sections.put("Persistence", _ -> persistence());
        sections.put("Stats", _ -> stats());
        sections.put("Replication", _ -> replication());
        sections.put("CPU", _ -> processor());
        sections.put("Errorstats", _ -> errors());
        sections.put("Cluster", _ -> Map.of("cluster_enabled", 1));
    }

    List<RedisCommand> commands() {
        return List.of(
                RedisCommand.of("info", -1, "server", "1.0.0", "O(1)", "Describes the node, by sections.", this::info)
                        .with(Flag.LOADING, Flag.STALE)
                        .but("Of this node, as a master; `keyspace` counts the cluster's keys."));
    }

    private CompletionStage<Reply> info(Call call) {
        Set<String> wanted = new TreeSet<>();
        for (int i = 1; i < call.size(); i++) {
            wanted.add(Arguments.latin1(call.argument(i)).toLowerCase(Locale.ROOT));
        }
        boolean all = wanted.isEmpty() || wanted.stream().anyMatch(ALL::contains);
        StringBuilder text = new StringBuilder();
        sections.forEach((name, section) -> {
            if (all || wanted.contains(name.toLowerCase(Locale.ROOT))) {
                append(text, name, section.apply(call.client()));
            }
        });
        if (!all && !wanted.contains(KEYSPACE)) {
            return CompletableFuture.completedFuture(Reply.verbatim(text.toString()));
        }
        return countKeys(call.client()).handle((count, failure) -> {
            append(text, "Keyspace", keyspace(failure == null ? count : null));
            return Reply.verbatim(text.toString());
        });
    }

    private CompletionStage<Long> countKeys(Client client) {
        try {
            return keys.count(client);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    /// Says nothing while a partition cannot count.
    private static Map<String, Object> keyspace(@Nullable Long count) {
        return count == null || count == 0 ? Map.of() : Map.of("db0", "keys=" + count + ",expires=0,avg_ttl=0");
    }

    private static void append(StringBuilder text, String name, Map<String, Object> fields) {
        if (!text.isEmpty()) {
            text.append("\r\n");
        }
        text.append("# ").append(name).append("\r\n");
        fields.forEach(
                (field, value) -> text.append(field).append(':').append(value).append("\r\n"));
    }

    private Map<String, Object> server(Client client) {
        Map<String, Object> fields = new LinkedHashMap<>();
        Duration up = Duration.between(started, Instant.now());
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        fields.put("redis_version", ServerIdentity.REDIS_VERSION);
        fields.put("redis_git_sha1", "00000000");
        fields.put("redis_git_dirty", 0);
        fields.put("redis_build_id", "0");
        fields.put("redis_mode", client.isInClusterMode() ? "cluster" : "standalone");
        fields.put("server_name", "caskade");
        fields.put("caskade_version", identity.version());
        fields.put("caskade_node", identity.node());
        fields.put("os", system.getName() + " " + system.getVersion() + " " + system.getArch());
        fields.put("arch_bits", 64);
        fields.put("multiplexing_api", "nio");
        fields.put("process_id", ProcessHandle.current().pid());
        fields.put("run_id", identity.runId());
        fields.put("tcp_port", port.getAsInt());
        fields.put("server_time_usec", TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()));
        fields.put("uptime_in_seconds", up.toSeconds());
        fields.put("uptime_in_days", up.toDays());
        fields.put("hz", 10);
        fields.put("configured_hz", 10);
        fields.put("executable", "caskade-server");
        fields.put("config_file", "");
        return fields;
    }

    private Map<String, Object> clients() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("connected_clients", clients.all().size());
        fields.put("cluster_connections", 0);
        fields.put("maxclients", maxClients);
        fields.put("blocked_clients", 0);
        fields.put("tracking_clients", 0);
        return fields;
    }

    private static Map<String, Object> memory() {
        Map<String, Object> fields = new LinkedHashMap<>();
        Runtime runtime = Runtime.getRuntime();
        long used = runtime.totalMemory() - runtime.freeMemory();
        fields.put("used_memory", used);
        fields.put("used_memory_human", human(used));
        fields.put("used_memory_rss", runtime.totalMemory());
        fields.put("used_memory_peak", runtime.totalMemory());
        fields.put("used_memory_peak_human", human(runtime.totalMemory()));
        fields.put("used_memory_dataset", 0);
        fields.put("used_memory_lua", 0);
        fields.put("total_system_memory", runtime.maxMemory());
        fields.put("maxmemory", 0);
        fields.put("maxmemory_human", "0B");
        fields.put("maxmemory_policy", "noeviction");
        fields.put("mem_fragmentation_ratio", "1.00");
        fields.put("mem_allocator", "jvm");
        return fields;
    }

    private static String human(long bytes) {
        return String.format(Locale.ROOT, "%.2fM", bytes / (double) (1 << 20));
    }

    /// A write is synced before it is acknowledged.
    private static Map<String, Object> persistence() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("loading", 0);
        fields.put("async_loading", 0);
        fields.put("rdb_changes_since_last_save", 0);
        fields.put("rdb_bgsave_in_progress", 0);
        fields.put("rdb_last_save_time", 0);
        fields.put("rdb_last_bgsave_status", "ok");
        fields.put("aof_enabled", 1);
        fields.put("aof_rewrite_in_progress", 0);
        fields.put("aof_last_bgrewrite_status", "ok");
        fields.put("aof_last_write_status", "ok");
        return fields;
    }

    private Map<String, Object> stats() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("total_connections_received", stats.connections());
        fields.put("total_commands_processed", stats.commands());
        fields.put("instantaneous_ops_per_sec", 0);
        fields.put("total_net_input_bytes", stats.input());
        fields.put("total_net_output_bytes", stats.output());
        fields.put("rejected_connections", stats.rejected());
        fields.put("expired_keys", 0);
        fields.put("evicted_keys", 0);
        fields.put("keyspace_hits", stats.hits());
        fields.put("keyspace_misses", stats.misses());
        fields.put("pubsub_channels", 0);
        fields.put("pubsub_patterns", 0);
        fields.put(
                "total_error_replies",
                stats.errors().values().stream().mapToLong(Long::longValue).sum());
        return fields;
    }

    private Map<String, Object> replication() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("role", "master");
        fields.put("connected_slaves", 0);
        fields.put("master_failover_state", "no-failover");
        fields.put("master_replid", identity.runId());
        fields.put("master_repl_offset", 0);
        fields.put("repl_backlog_active", 0);
        identity.image().get().ifPresent(image -> {
            fields.put("caskade_nodes", image.nodes().size());
            fields.put("caskade_partitions", image.settings().partitions());
        });
        return fields;
    }

    private static Map<String, Object> processor() {
        Duration used = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        String seconds = String.format(Locale.ROOT, "%.6f", used.toNanos() / 1e9);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("used_cpu_sys", "0.000000");
        fields.put("used_cpu_user", seconds);
        return fields;
    }

    private Map<String, Object> errors() {
        Map<String, Object> fields = new LinkedHashMap<>();
        stats.errors().forEach((code, count) -> fields.put("errorstat_" + code, "count=" + count));
        return fields;
    }
}
