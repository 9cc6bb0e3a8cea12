package io.caskade.bench.comparison;

import io.caskade.bench.process.CaskadeNodes;
import io.caskade.bench.report.Row;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.ClientConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Compares a cluster with the peers that are installed. For one thread.
public final class Comparison {

    private static final String SCOPE = "three-nodes";
    static final Duration LIMIT_TIME = Duration.ofSeconds(2);
    static final Duration CLIENT_WARM_UP = Duration.ofSeconds(10);

    private final ComparisonPlan plan;
    private final Contenders contenders;
    private final Progress progress;
    private final PrintStream out;

    /// @param progress gets the figures of loads
    /// @param out gets everything else
    public Comparison(ComparisonPlan plan, Progress progress, PrintStream out) {
        this.plan = plan;
        this.progress = progress;
        this.contenders = new Contenders(plan.records(), out);
        this.out = out;
    }

    /// Measures what bounds every server on this machine.
    public List<Row> limits() throws IOException {
        return MachineLimits.measure(plan.scratch(), LIMIT_TIME, out);
    }

    /// Has the client of [#cold] load one node, which is started for this and ended again. A client that is new
    /// would compile beside the cluster, on the same processors.
    public void warmUpClient() throws IOException {
        out.println("warming up the client against one node");
        try (CaskadeNodes node = CaskadeNodes.startOne(plan.home(), plan.scratch());
                AsyncCaskadeClient client = node.connect(ClientConfig.defaults())) {
            ColdStart.load(contenders.resp(node.pids(), client), CLIENT_WARM_UP);
        }
    }

    /// Measures a cluster that has just been started, by a client that is small.
    ///
    /// @param ready when it said that it serves, as `System.nanoTime()` counts
    public List<Row> cold(AsyncCaskadeClient client, List<Long> pids, long ready) throws IOException {
        return new ColdStart(plan.later(), out).run(contenders.resp(pids, client), ready);
    }

    /// Loads a cluster over each of its protocols, and the peers of as many nodes.
    ///
    /// @param pids of the cluster's nodes
    public List<Row> threeNodes(AsyncCaskadeClient client, List<Long> pids) throws IOException {
        Contender resp = contenders.resp(pids, client);
        contenders.fill(resp);
        List<Contender> compared =
                new ArrayList<>(List.of(contenders.grpc(pids, client), resp, contenders.http(pids, client)));
        try (Peers peers = Peers.start(contenders, plan.scratch(), out)) {
            compared.addAll(peers.contenders());
            return measure(compared);
        }
    }

    private List<Row> measure(List<Contender> compared) throws IOException {
        LoadMeter meter = new LoadMeter(plan.warmup(), plan.time());
        LoadComparison comparison = new LoadComparison(meter, plan.rounds(), progress);
        comparison.warm(compared, plan.warmTime());
        List<Row> rows = new ArrayList<>(comparison.run(SCOPE, compared, plan.shapes()));
        rows.addAll(new HalfPeak(meter, progress).run(SCOPE, compared, rows));
        return rows;
    }
}
