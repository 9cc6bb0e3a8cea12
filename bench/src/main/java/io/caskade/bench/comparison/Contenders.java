package io.caskade.bench.comparison;

import io.caskade.bench.load.HttpProtocol;
import io.caskade.bench.load.RespProtocol;
import io.caskade.bench.load.Target;
import io.caskade.bench.process.EtcdServers;
import io.caskade.bench.process.RedisServers;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.ClusterView;
import io.caskade.client.ClusterView.Endpoint;
import io.caskade.client.ClusterView.Node;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Makes the contenders, all with the same records.
final class Contenders {

    static final String RESP = "caskade-resp";
    static final String REDIS = "redis";

    private static final double NANOS = 1e9;

    private final Records records;
    private final List<byte[]> keys;
    private final PrintStream out;

    /// @param out gets the progress
    Contenders(Records records, PrintStream out) {
        this.records = records;
        this.keys = records.all();
        this.out = out;
    }

    /// Has a contender write every key once, so that what is read is there.
    void fill(Contender contender) throws IOException {
        long begin = System.nanoTime();
        contender.fill();
        out.printf(
                Locale.ROOT,
                "wrote %,d keys to %s in %.1f s%n",
                records.keys(),
                contender.name(),
                (System.nanoTime() - begin) / NANOS);
    }

    /// Caskade through the Java client.
    ///
    /// @param pids of the nodes
    ClientContender grpc(List<Long> pids, AsyncCaskadeClient client) {
        return new ClientContender("caskade-grpc", pids, client, keys, records.valueBytes());
    }

    /// Caskade over Redis's protocol.
    ///
    /// @param pids of the nodes
    /// @param client knows the layout
    WireContender resp(List<Long> pids, AsyncCaskadeClient client) {
        return new WireContender(
                RESP, pids, new RespProtocol(0), layout(client, Node::resp), records.valueBytes(), true);
    }

    /// Caskade over HTTP.
    ///
    /// @param pids of the nodes
    /// @param client knows the layout
    WireContender http(List<Long> pids, AsyncCaskadeClient client) {
        return new WireContender(
                "caskade-http", pids, new HttpProtocol(), layout(client, Node::http), records.valueBytes(), false);
    }

    /// Redis.
    ///
    /// @param replicas that confirm each write
    WireContender redis(RedisServers servers, int replicas) {
        List<Target> targets = List.of(new Target(servers.master(), keys));
        return new WireContender(
                REDIS, servers.pids(), new RespProtocol(replicas), () -> targets, records.valueBytes(), true);
    }

    /// An etcd.
    EtcdContender etcd(EtcdServers servers) {
        return new EtcdContender(servers, keys, records.valueBytes());
    }

    private Supplier<List<Target>> layout(
            AsyncCaskadeClient client, Function<ClusterView.Node, Optional<Endpoint>> listener) {
        return () -> ClusterTargets.of(client.cluster().join(), keys, listener);
    }
}
