package io.caskade.bench.comparison;

import io.caskade.bench.process.EtcdServers;
import io.caskade.bench.process.RedisServers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The peers of three nodes that are installed, which are started for this and ended when it is closed. Not
/// safe for use by several threads.
final class Peers implements AutoCloseable {

    private static final int NODES = 3;

    private final List<Contender> contenders = new ArrayList<>();
    private @Nullable RedisServers redis;
    private @Nullable EtcdServers etcd;

    private Peers() {}

    /// Starts them, and writes every key.
    ///
    /// @param scratch gets their directories
    /// @param out hears which are not installed
    static Peers start(Contenders makes, Path scratch, PrintStream out) throws IOException {
        Peers peers = new Peers();
        boolean started = false;
        try {
            if (RedisServers.areInstalled()) {
                peers.startRedis(makes, scratch);
            } else {
                out.println("skipped: three Redis; redis-server is not installed");
            }
            if (EtcdServers.areInstalled()) {
                peers.startEtcd(makes, scratch);
            } else {
                out.println("skipped: etcd; it is not installed");
            }
            started = true;
            return peers;
        } finally {
            if (!started) {
                peers.close();
            }
        }
    }

    private void startRedis(Contenders makes, Path scratch) throws IOException {
        RedisServers servers = RedisServers.start(scratch, NODES - 1);
        redis = servers;
        Replicas.await(servers.master(), NODES - 1);
        add(makes, makes.redis(servers, NODES - 1));
    }

    private void startEtcd(Contenders makes, Path scratch) throws IOException {
        EtcdServers servers = EtcdServers.start(scratch, NODES);
        etcd = servers;
        add(makes, makes.etcd(servers));
    }

    private void add(Contenders makes, Contender contender) throws IOException {
        makes.fill(contender);
        contenders.add(contender);
    }

    List<Contender> contenders() {
        return List.copyOf(contenders);
    }

    @Override
    public void close() {
        if (etcd != null) {
            etcd.close();
        }
        if (redis != null) {
            redis.close();
        }
    }
}
