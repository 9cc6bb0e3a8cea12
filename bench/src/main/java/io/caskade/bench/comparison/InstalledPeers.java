package io.caskade.bench.comparison;

import io.caskade.bench.process.EtcdServers;
import io.caskade.bench.process.RedisServers;

/// Which other systems are on the `PATH`. Immutable.
///
/// @param redisBenchmark whether `redis-benchmark` is there, which loads one node
public record InstalledPeers(boolean redis, boolean etcd, boolean redisBenchmark) {

    /// Looks for them.
    public static InstalledPeers find() {
        return new InstalledPeers(
                RedisServers.areInstalled(), EtcdServers.areInstalled(), RedisBenchmark.isInstalled());
    }

    /// How many of them can have three nodes.
    int ofThreeNodes() {
        return (redis ? 1 : 0) + (etcd ? 1 : 0);
    }

    /// How many of them can have one node.
    int ofOneNode() {
        return redis ? 1 : 0;
    }
}
