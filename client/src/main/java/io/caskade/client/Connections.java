package io.caskade.client;

import java.util.concurrent.ThreadLocalRandom;

/// What all operations of a client share. Safe for use by any thread.
final class Connections implements AutoCloseable {

    private static final long LONGEST_PATIENCE_MILLIS = 320;
    private static final long LONGEST_SEARCH_MILLIS = 50;

    private final ClientConfig config;
    private final ZooKeeperLink zookeeper;
    private final ClusterDirectory directory;
    private final NodeChannels channels = new NodeChannels();
    private final Backoff patience = new Backoff(Connections::random, LONGEST_PATIENCE_MILLIS);
    private final Backoff search = new Backoff(Connections::random, LONGEST_SEARCH_MILLIS);

    private volatile boolean closed;

    Connections(ClientConfig config) {
        this.config = config;
        this.zookeeper = new ZooKeeperLink(config.zookeeper(), config.connectTimeout());
        this.directory = new ClusterDirectory(zookeeper);
    }

    ClientConfig config() {
        return config;
    }

    ZooKeeperLink zookeeper() {
        return zookeeper;
    }

    ClusterDirectory directory() {
        return directory;
    }

    NodeChannels channels() {
        return channels;
    }

    /// The pauses for a leader that cannot take more now.
    Backoff patience() {
        return patience;
    }

    /// The pauses for a leader that is not known, not reached or not ready.
    Backoff search() {
        return search;
    }

    private static double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    boolean closed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        channels.close();
        zookeeper.close();
    }
}
