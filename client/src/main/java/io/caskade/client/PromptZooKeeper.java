package io.caskade.client;

import java.io.IOException;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.proto.RequestHeader;

/// A session that is closed when ZooKeeper has said so. ZooKeeper's own client waits another tenth of a second, asleep,
/// for its sending thread to end, which is a quarter of all the time that the shell takes for a command.
final class PromptZooKeeper extends ZooKeeper {

    private PromptZooKeeper(
            String connect, int sessionTimeoutMillis, Watcher watcher, boolean mayBeReadOnly, ZKClientConfig config)
            throws IOException {
        super(connect, sessionTimeoutMillis, watcher, mayBeReadOnly, config);
    }

    /// Has Curator make such sessions, all with one configuration.
    static ZookeeperFactory factory(ZKClientConfig config) {
        return new ZookeeperFactory() {
            @Override
            public ZooKeeper newZooKeeper(
                    String connect, int sessionTimeoutMillis, Watcher watcher, boolean mayBeReadOnly)
                    throws IOException {
                return new PromptZooKeeper(connect, sessionTimeoutMillis, watcher, mayBeReadOnly, config);
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
            bidFarewell();
        }
        Thread.ofPlatform().daemon().name("caskade-zookeeper-farewell").start(cnxn::disconnect);
    }

    private void bidFarewell() {
        RequestHeader farewell = new RequestHeader();
        farewell.setType(ZooDefs.OpCode.closeSession);
        try {
            cnxn.submitRequest(farewell, null, null, null);
        } catch (InterruptedException e) {
            // The session ends with its time-out.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean close(int waitForShutdownMillis) {
        close();
        return true;
    }
}
