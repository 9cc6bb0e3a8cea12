package io.caskade.server.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.settings.HostPort;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/// A client of ZooKeeper without Curator, connected, with a session of its own.
public final class RawClient implements AutoCloseable {

    private static final int SESSION_MILLIS = 10_000;

    private final ZooKeeper zooKeeper;

    /// Connects; returns when a server answered.
    public RawClient(HostPort address) throws IOException, InterruptedException {
        CountDownLatch connected = new CountDownLatch(1);
        zooKeeper = new ZooKeeper(address.toString(), SESSION_MILLIS, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        assertThat(connected.await(SESSION_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    }

    /// The client itself.
    public ZooKeeper zooKeeper() {
        return zooKeeper;
    }

    @Override
    public void close() {
        try {
            zooKeeper.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
