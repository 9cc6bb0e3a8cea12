package io.caskade.client;

import io.caskade.client.ClientConfig.ZooKeeper;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.api.CuratorWatcher;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.client.ZKClientConfig;

/// One session with ZooKeeper, read from without blocking. Paths are relative to the cluster's root and start with `/`.
///
/// Safe for use by any thread. Futures complete on the session's event thread, where nothing may block.
final class ZooKeeperLink implements AutoCloseable {

    private static final int READ_ATTEMPTS = 3;
    private static final int FIRST_PAUSE_MILLIS = 50;

    private final ZooKeeper where;
    private final Duration connectTimeout;
    private final CuratorFramework curator;
    private final CompletableFuture<Void> firstConnection = new CompletableFuture<>();
    private final List<Runnable> whenLost = new CopyOnWriteArrayList<>();

    private volatile boolean connected;

    /// Starts connecting and returns at once.
    ZooKeeperLink(ZooKeeper where, Duration connectTimeout) {
        this.where = where;
        this.connectTimeout = connectTimeout;
        ZKClientConfig client = new ZKClientConfig();
        client.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        this.curator = CuratorFrameworkFactory.builder()
                .connectString(where.connect().toString())
                .sessionTimeoutMs(Math.toIntExact(where.sessionTimeout().toMillis()))
                .connectionTimeoutMs(Math.toIntExact(connectTimeout.toMillis()))
                .retryPolicy(new ExponentialBackoffRetry(FIRST_PAUSE_MILLIS, READ_ATTEMPTS))
                // A client follows what it was configured with; the extra read would be every start's.
                .ensembleTracker(false)
                .zookeeperFactory(PromptZooKeeper.factory(client))
                .threadFactory(Thread.ofPlatform()
                        .daemon()
                        .name("caskade-zookeeper-", 0)
                        .factory())
                .build();
        curator.getConnectionStateListenable().addListener((_, state) -> stateChanged(state));
        curator.start();
    }

    private void stateChanged(ConnectionState state) {
        connected = state.isConnected();
        if (connected) {
            firstConnection.complete(null);
        }
        if (state == ConnectionState.LOST) {
            whenLost.forEach(Runnable::run);
        }
    }

    /// Has `action` run, on the event thread, whenever the session is lost and its watches with it.
    void onLost(Runnable action) {
        whenLost.add(action);
    }

    /// Whether ZooKeeper answers, as far as is known.
    boolean connected() {
        return connected;
    }

    /// A znode's bytes. `changed` runs once, on the event thread, when they are no longer what is there.
    ///
    /// @return fails with [UnreachableException] when there was no connection in time and never has been, and with
    ///     [KeeperException] when ZooKeeper says so
    CompletableFuture<byte[]> data(String path, Runnable changed) {
        CuratorWatcher watcher = event -> {
            // Changes of the connection alone keep the watch: the session brings it along when it reconnects.
            if (event.getType() != Watcher.Event.EventType.None) {
                changed.run();
            }
        };
        return whenConnected(answer -> curator.getData()
                        .usingWatcher(watcher)
                        .inBackground((_, event) -> complete(answer, event))
                        .forPath(where.root() + path))
                .thenApply(CuratorEvent::getData);
    }

    /// The names of a znode's children; fails like [#data(String, Runnable)].
    CompletableFuture<List<String>> children(String path) {
        return whenConnected(answer -> curator.getChildren()
                        .inBackground((_, event) -> complete(answer, event))
                        .forPath(where.root() + path))
                .thenApply(CuratorEvent::getChildren);
    }

    private CompletableFuture<CuratorEvent> whenConnected(Request request) {
        return firstConnection().thenCompose(_ -> {
            CompletableFuture<CuratorEvent> answer = new CompletableFuture<>();
            try {
                request.send(answer);
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
            return answer;
        });
    }

    private CompletableFuture<Void> firstConnection() {
        if (firstConnection.isDone()) {
            return firstConnection;
        }
        return firstConnection
                .copy()
                .orTimeout(connectTimeout.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(failure ->
                        CompletableFuture.failedFuture(failure instanceof TimeoutException ? silence() : failure));
    }

    private static void complete(CompletableFuture<CuratorEvent> answer, CuratorEvent event) {
        KeeperException.Code code = KeeperException.Code.get(event.getResultCode());
        if (code == KeeperException.Code.OK) {
            answer.complete(event);
        } else {
            answer.completeExceptionally(KeeperException.create(code, event.getPath()));
        }
    }

    /// What to say when ZooKeeper does not.
    UnreachableException silence() {
        return new UnreachableException(
                "no ZooKeeper answers at " + where.connect() + " (zookeeper.connect); is a node running?", null);
    }

    /// What to say when ZooKeeper answers and knows no cluster.
    String noCluster() {
        return "ZooKeeper at " + where.connect() + " has no cluster at " + where.root()
                + " (zookeeper.root); has a node been started?";
    }

    /// Ends the session. Requests without an answer get none.
    @Override
    public void close() {
        curator.close();
    }

    private interface Request {

        void send(CompletableFuture<CuratorEvent> answer) throws Exception;
    }
}
