package io.caskade.bench.comparison;

import io.caskade.bench.load.BulkLoader;
import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.load.LoadClient;
import io.caskade.bench.load.RequestPlan;
import io.caskade.bench.load.Target;
import io.caskade.bench.load.WireClient;
import io.caskade.bench.load.WireProtocol;
import java.io.IOException;
import java.util.List;
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
    private static final int FILL_PIPELINE = 16;
    private static final int FILL_ATTEMPTS = 5;

    @Override
    public LoadClient connect(boolean puts, LoadShape shape, long seed) throws IOException {
        RequestPlan plan = RequestPlan.of(puts, false, valueBytes, seed);
        return pipelines
                ? WireClient.open(protocol, layout.get(), shape.connections(), shape.pipeline(), plan)
                : WireClient.open(protocol, layout.get(), shape.inFlight(), 1, plan);
    }

    /// Servers that have just been started may refuse writes under load, which are repeated.
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
        FailureCounts failures = new FailureCounts();
        int pipeline = pipelines ? FILL_PIPELINE : 1;
        for (Target target : layout.get()) {
            try (WireClient client = WireClient.open(protocol, List.of(target), FILL_CONNECTIONS, pipeline, plan)) {
                BulkLoader.run(client, target.keys().size(), FILL_CONNECTIONS * pipeline, failures);
            }
        }
        return failures;
    }
}
