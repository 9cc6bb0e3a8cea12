package io.caskade.bench.comparison;

import io.caskade.bench.load.BulkLoader;
import io.caskade.bench.load.EtcdClient;
import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.load.LoadClient;
import io.caskade.bench.load.RequestPlan;
import io.caskade.bench.process.EtcdServers;
import java.util.List;

/// An etcd over gRPC. Reads are linearizable. Immutable.
record EtcdContender(EtcdServers servers, List<byte[]> keys, int valueBytes) implements Contender {

    private static final int FILLING = 1024;

    @Override
    public String name() {
        return "etcd";
    }

    @Override
    public List<Long> pids() {
        return servers.pids();
    }

    @Override
    public LoadClient connect(boolean puts, LoadShape shape, long seed) {
        return EtcdClient.open(servers.addresses(), keys, RequestPlan.of(puts, false, valueBytes, seed));
    }

    @Override
    public void fill() {
        FailureCounts failures = new FailureCounts();
        try (EtcdClient client =
                EtcdClient.open(servers.addresses(), keys, RequestPlan.of(true, true, valueBytes, 0))) {
            BulkLoader.run(client, keys.size(), FILLING, failures);
        }
        if (failures.definite() + failures.unknown() > 0) {
            throw new IllegalStateException("etcd: keys could not be written: " + failures);
        }
    }
}
