package io.caskade.bench.comparison;

import io.caskade.bench.load.BulkLoader;
import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.load.LoadClient;
import io.caskade.bench.load.RequestPlan;
import io.caskade.bench.load.Target;
import io.caskade.bench.load.WireClient;
import io.caskade.bench.load.WireProtocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// Servers that are spoken to by [WireClient], each about the keys that it answers for itself. Immutable.
///
/// @param layout which server answers for which keys, now
/// @param pids the servers' processes
/// @param valueBytes how long each value is
/// @param pipelines whether a connection may have several requests in flight
record WireContender(
        String name,
        List<Long> pids,
        WireProtocol protocol,
        Supplier<List<Target>> layout,
        int valueBytes,
        boolean pipelines)
        implements Contender {

    private static final int FILL_CONNECTIONS = 4;
    private static final int FILL_IN_FLIGHT = 1024;
    private static final int FILL_ATTEMPTS = 5;

    /// Of a key, by its number at the target that the client speaks to.
    private record Write(WireClient client, int key) {
        CompletableFuture<?> start() {
            return client.start(key);
        }
    }

    @Override
    public LoadClient connect(boolean puts, LoadShape shape, long seed) throws IOException {
        RequestPlan plan = RequestPlan.of(puts, false, valueBytes, seed);
        return pipelines
                ? WireClient.open(protocol, layout.get(), shape.connections(), shape.pipeline(), plan)
                : WireClient.open(protocol, layout.get(), shape.inFlight(), 1, plan);
    }

    /// Fills all servers at once. Those that have just been started may refuse writes under load, which are
    /// repeated.
    @Override
    public void fill() throws IOException {
        FailureCounts failures = new FailureCounts();
        for (int attempt = 0; attempt < FILL_ATTEMPTS; attempt++) {
            failures = tryToFill();
            if (failures.definite() + failures.unknown() == 0) {
                return;
            }
        }
        throw new IllegalStateException(name + ": keys could not be written: " + failures);
    }

    private FailureCounts tryToFill() throws IOException {
        RequestPlan plan = RequestPlan.of(true, true, valueBytes, 0);
        List<Target> targets = layout.get();
        int pipeline = pipelines ? FILL_IN_FLIGHT / (FILL_CONNECTIONS * targets.size()) : 1;
        FailureCounts failures = new FailureCounts();
        List<WireClient> clients = new ArrayList<>();
        try {
            for (Target target : targets) {
                clients.add(WireClient.open(protocol, List.of(target), FILL_CONNECTIONS, pipeline, plan));
            }
            List<Write> writes = inTurns(targets, clients);
            BulkLoader.run(
                    number -> writes.get((int) number).start(),
                    writes.size(),
                    targets.size() * FILL_CONNECTIONS * pipeline,
                    failures);
        } finally {
            for (WireClient client : clients) {
                client.close();
            }
        }
        return failures;
    }

    /// The first key of each target, the second of each, and so on.
    private static List<Write> inTurns(List<Target> targets, List<WireClient> clients) {
        int longest =
                targets.stream().mapToInt(target -> target.keys().size()).max().orElse(0);
        List<Write> writes = new ArrayList<>();
        for (int key = 0; key < longest; key++) {
            for (int target = 0; target < targets.size(); target++) {
                if (key < targets.get(target).keys().size()) {
                    writes.add(new Write(clients.get(target), key));
                }
            }
        }
        return writes;
    }
}
