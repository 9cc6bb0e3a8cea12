package io.caskade.bench.comparison;

import io.caskade.bench.load.RequestPlan;
import io.caskade.bench.load.RespProtocol;
import io.caskade.bench.load.Target;
import io.caskade.bench.load.WireClient;
import io.caskade.settings.HostPort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// Waits for the replicas of a Redis. Pure but for that.
final class Replicas {

    private static final int TIMEOUT_SECONDS = 60;

    private Replicas() {}

    /// Returns when so many replicas confirm a write, which they do when they have all that is before it.
    ///
    /// @throws IllegalStateException when they do not
    static void await(HostPort master, int count) throws IOException {
        Target target = new Target(master, List.of("replicas".getBytes(StandardCharsets.US_ASCII)));
        try (WireClient client = WireClient.open(
                new RespProtocol(count), List.of(target), 1, 1, RequestPlan.of(true, true, Long.BYTES, 0))) {
            client.start(0).orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw new IllegalStateException("the replicas of Redis do not confirm a write: " + e.getCause(), e);
        }
    }
}
