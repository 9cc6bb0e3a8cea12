package io.caskade.bench.comparison;

import io.caskade.bench.load.LoadClient;
import io.caskade.bench.load.RequestPlan;
import io.caskade.client.AsyncCaskadeClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Caskade through its Java client over gRPC, which has one connection to a node. Reads are linearizable.
/// Immutable.
///
/// @param client is not closed by this
record ClientContender(String name, List<Long> pids, AsyncCaskadeClient client, List<byte[]> keys, int valueBytes)
        implements Contender {

    @Override
    public LoadClient connect(boolean puts, LoadShape shape, long seed) {
        RequestPlan plan = RequestPlan.of(puts, false, valueBytes, seed);
        return new LoadClient() {
            @Override
            public CompletableFuture<?> start(long number) {
                byte[] key = keys.get(plan.keyOf(number, keys.size()));
                return puts ? client.put(key, plan.valueOf(number)) : client.get(key);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void fill() throws IOException {
        throw new IOException(name + " shares the data of a contender that fills it");
    }
}
