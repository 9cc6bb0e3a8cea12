package io.caskade.client.routing;

import io.caskade.settings.HostAddresses;
import java.io.IOException;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.proto.RequestHeader;

/// A session whose `close` returns as soon as ZooKeeper has confirmed it. ZooKeeper's own client then sleeps
/// another 100 ms for its sending thread to end, a quarter of the time the shell takes for a command.
final class FastClosingZooKeeper extends ZooKeeper {

    private FastClosingZooKeeper(
            String connect, int sessionTimeoutMillis, Watcher watcher, boolean mayBeReadOnly, ZKClientConfig config)
            throws IOException {
        super(connect, sessionTimeoutMillis, watcher, mayBeReadOnly, hosts(connect), config);
    }

    /// Numeric addresses need no name service.
    private static HostProvider hosts(String connect) {
        return new StaticHostProvider(new ConnectStringParser(connect).getServerAddresses(), HostAddresses::of);
    }

    /// Makes Curator create such sessions, all with one configuration.
    static ZookeeperFactory factory(ZKClientConfig config) {
        return new ZookeeperFactory() {
            @Override
            public ZooKeeper newZooKeeper(
                    String connect, int sessionTimeoutMillis, Watcher watcher, boolean mayBeReadOnly)
                    throws IOException {
                return new FastClosingZooKeeper(connect, sessionTimeoutMillis, watcher, mayBeReadOnly, config);
            }

            @Override
            public ZooKeeper newZooKeeper(
                    String connect,
                    int sessionTimeoutMillis,
                    Watcher watcher,
                    boolean mayBeReadOnly,
                    ZKClientConfig ignored)
                    throws IOException {
                return newZooKeeper(connect, sessionTimeoutMillis, watcher, mayBeReadOnly);
            }
        };
    }

    @Override
    public synchronized void close() {
        if (!getState().isAlive()) {
            return;
        }
        if (getState().isConnected()) {
            sendCloseSession();
        }
        Thread.ofPlatform().daemon().name("caskade-zookeeper-close").start(cnxn::disconnect);
    }

    private void sendCloseSession() {
        RequestHeader header = new RequestHeader();
        header.setType(ZooDefs.OpCode.closeSession);
        try {
            cnxn.submitRequest(header, null, null, null);
        } catch (InterruptedException e) {
            // The session ends when it times out.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean close(int waitForShutdownMillis) {
        close();
        return true;
    }
}
