package io.caskade.bench.comparison;

import io.caskade.bench.load.HttpProtocol;
import io.caskade.bench.load.RespProtocol;
import io.caskade.bench.load.Target;
import io.caskade.bench.process.CaskadeNodes;
import io.caskade.bench.process.RedisServers;
import io.caskade.bench.report.Row;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.ClientConfig;
import io.caskade.client.ClusterView;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Compares Caskade with the peers that are installed: one node of each, then three. For one thread.
public final class Comparison {

    private static final String RESP = "caskade-resp";
    private static final String REDIS = "redis";
    private static final int REPLICAS = 2;

    /// What each contender does before all that is measured takes so many times as long as one measurement.
    private static final int WARM_UP_TIMES = 3;

    private static final List<LoadShape> REDIS_BENCHMARK = List.of(new LoadShape(50, 1), new LoadShape(50, 16));

    private final ComparisonPlan plan;
    private final PrintStream out;

    /// @param out gets the progress
    public Comparison(ComparisonPlan plan, PrintStream out) {
        this.plan = plan;
        this.out = out;
    }

    /// Loads one node of Caskade and one Redis by the program of Redis's own.
    public List<Row> oneNode() throws IOException {
        Optional<RedisBenchmark> benchmark = RedisBenchmark.find(plan.records());
        if (benchmark.isEmpty()) {
            out.println("skipped: one node beside one Redis; redis-benchmark is not installed");
            return List.of();
        }
        try (CaskadeNodes node = CaskadeNodes.startOne(plan.home(), plan.scratch());
                AsyncCaskadeClient client = AsyncCaskadeClient.create(
                        ClientConfig.defaults().withZooKeeper(HostPorts.of(node.zookeeper())))) {
            Map<String, HostPort> servers = new LinkedHashMap<>();
            WireContender resp = resp(node.pids(), client);
            resp.fill();
            servers.put(RESP, resp.layout().get().getFirst().address());
            if (!RedisServers.areInstalled()) {
                out.println("skipped: one Redis; redis-server is not installed");
                return oneNode(benchmark.get(), servers);
            }
            try (RedisServers redis = RedisServers.start(plan.scratch(), 0)) {
                redis(redis, 0).fill();
                servers.put(REDIS, redis.master());
                return oneNode(benchmark.get(), servers);
            }
        }
    }

    private List<Row> oneNode(RedisBenchmark benchmark, Map<String, HostPort> servers) throws IOException {
        return new OneNodeComparison(benchmark, plan.warmup(), plan.time(), plan.rounds(), out)
                .run(servers, REDIS_BENCHMARK);
    }

    /// Loads a cluster over each of its protocols, and the peers of as many nodes.
    ///
    /// @param pids of the cluster's nodes
    public List<Row> threeNodes(AsyncCaskadeClient client, List<Long> pids) throws IOException {
        Contender resp = resp(pids, client);
        resp.fill();
        List<Contender> contenders = new ArrayList<>(
                List.of(new ClientContender("caskade-grpc", pids, client, plan.records()), resp, http(pids, client)));
        if (!RedisServers.areInstalled()) {
            out.println("skipped: three Redis; redis-server is not installed");
            return threeNodes(contenders);
        }
        try (RedisServers redis = RedisServers.start(plan.scratch(), REPLICAS)) {
            Replicas.await(redis.master(), REPLICAS);
            Contender peer = redis(redis, REPLICAS);
            peer.fill();
            contenders.add(peer);
            return threeNodes(contenders);
        }
    }

    private List<Row> threeNodes(List<Contender> contenders) throws IOException {
        LoadComparison comparison = new LoadComparison(new LoadMeter(plan.warmup(), plan.time()), plan.rounds(), out);
        comparison.warm(contenders, plan.time().multipliedBy(WARM_UP_TIMES));
        return comparison.run("three-nodes", contenders, plan.shapes());
    }

    private WireContender resp(List<Long> pids, AsyncCaskadeClient client) {
        return new WireContender(
                RESP, pids, new RespProtocol(0), layout(client, ClusterView.Node::resp), plan.records(), true);
    }

    private WireContender http(List<Long> pids, AsyncCaskadeClient client) {
        return new WireContender(
                "caskade-http",
                pids,
                new HttpProtocol(),
                layout(client, ClusterView.Node::http),
                plan.records(),
                false);
    }

    private Supplier<List<Target>> layout(
            AsyncCaskadeClient client, Function<ClusterView.Node, Optional<ClusterView.Endpoint>> listener) {
        List<byte[]> keys = plan.records().all();
        return () -> ClusterTargets.of(client.cluster().join(), keys, listener);
    }

    private Contender redis(RedisServers servers, int replicas) {
        List<Target> targets =
                List.of(new Target(servers.master(), plan.records().all()));
        return new WireContender(
                REDIS, servers.pids(), new RespProtocol(replicas), () -> targets, plan.records(), true);
    }
}
