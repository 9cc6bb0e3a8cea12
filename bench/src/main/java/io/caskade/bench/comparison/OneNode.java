package io.caskade.bench.comparison;

import io.caskade.bench.process.CaskadeNodes;
import io.caskade.bench.process.RedisServers;
import io.caskade.bench.report.Row;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.ClientConfig;
import io.caskade.settings.HostPort;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Starts one node of Caskade, and a Redis if it is installed, and compares them. Not safe for use by several
/// threads.
public final class OneNode implements AutoCloseable {

    static final List<LoadShape> SHAPES = List.of(new LoadShape(50, 1), new LoadShape(50, 16));
    private static final int IDLE = 10_000;

    private final ComparisonPlan plan;
    private final Progress progress;
    private final PrintStream out;
    private final Map<String, Server> servers = new LinkedHashMap<>();

    private @Nullable CaskadeNodes caskade;
    private @Nullable RedisServers redis;

    private record Server(HostPort address, long pid) {}

    private OneNode(ComparisonPlan plan, Progress progress, PrintStream out) {
        this.plan = plan;
        this.progress = progress;
        this.out = out;
    }

    /// Starts them, and writes every key.
    ///
    /// @param progress gets the figures of loads
    /// @param out gets everything else
    public static OneNode start(ComparisonPlan plan, Progress progress, PrintStream out) throws IOException {
        OneNode servers = new OneNode(plan, progress, out);
        boolean started = false;
        try {
            servers.start();
            started = true;
            return servers;
        } finally {
            if (!started) {
                servers.close();
            }
        }
    }

    private void start() throws IOException {
        Contenders contenders = new Contenders(plan.records(), out);
        CaskadeNodes node = CaskadeNodes.startOne(plan.home(), plan.scratch());
        caskade = node;
        try (AsyncCaskadeClient client = node.connect(ClientConfig.defaults())) {
            WireContender resp = contenders.resp(node.pids(), client);
            contenders.fill(resp);
            HostPort address = resp.layout().get().getFirst().address();
            servers.put(Contenders.RESP, new Server(address, node.pids().getFirst()));
        }
        if (!RedisServers.areInstalled()) {
            out.println("skipped: one Redis; redis-server is not installed");
            return;
        }
        RedisServers peer = RedisServers.start(plan.scratch(), 0);
        redis = peer;
        contenders.fill(contenders.redis(peer, 0));
        servers.put(Contenders.REDIS, new Server(peer.master(), peer.pids().getFirst()));
    }

    /// Has `redis-benchmark` load each.
    public List<Row> loads() throws IOException {
        Optional<RedisBenchmark> benchmark = RedisBenchmark.find(plan.records());
        if (benchmark.isEmpty()) {
            out.println("skipped: loads of one node; redis-benchmark is not installed");
            return List.of();
        }
        Map<String, HostPort> addresses = new LinkedHashMap<>();
        servers.forEach((name, server) -> addresses.put(name, server.address()));
        for (HostPort address : addresses.values()) {
            for (boolean puts : new boolean[] {true, false}) {
                RedisBenchmark.Result _ =
                        benchmark.get().measure(address, puts, SHAPES.getFirst(), Duration.ZERO, plan.warmTime());
            }
        }
        return new OneNodeComparison(benchmark.get(), plan.warmup(), plan.time(), plan.rounds(), progress)
                .run(addresses, SHAPES);
    }

    /// Opens many connections to each.
    public List<Row> idleConnections() throws IOException {
        IdleConnections idle = new IdleConnections(IDLE, plan.idleTime(), out);
        List<Row> rows = new ArrayList<>();
        for (Map.Entry<String, Server> server : servers.entrySet()) {
            rows.addAll(idle.run(
                    server.getKey(),
                    server.getValue().address(),
                    server.getValue().pid()));
        }
        return rows;
    }

    @Override
    public void close() {
        if (redis != null) {
            redis.close();
        }
        if (caskade != null) {
            caskade.close();
        }
    }
}
