package io.caskade.client;

import java.util.concurrent.ThreadLocalRandom;

/// What all operations of a client share. Safe for use by any thread.
final class Connections implements AutoCloseable {

    private final ClientConfig config;
    private final ZooKeeperLink zookeeper;
    private final ClusterDirectory directory;
    private final NodeChannels channels = new NodeChannels();
    private final Backoff backoff =
            new Backoff(() -> ThreadLocalRandom.current().nextDouble());

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

    Backoff backoff() {
        return backoff;
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
