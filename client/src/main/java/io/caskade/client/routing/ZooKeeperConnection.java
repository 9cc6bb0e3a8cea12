package io.caskade.client.routing;

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

/// Reads from ZooKeeper over one session without blocking. Paths are relative to the cluster's root and start
/// with `/`.
///
/// Thread-safe. Futures complete on the session's event thread, where nothing may block.
final class ZooKeeperConnection implements AutoCloseable {

    private static final int READ_ATTEMPTS = 3;
    private static final int FIRST_PAUSE_MILLIS = 50;

    private final ZooKeeperTarget target;
    private final CompletableFuture<CuratorFramework> curator;
    private final CompletableFuture<Void> firstConnection = new CompletableFuture<>();
    private final List<Runnable> lostListeners = new CopyOnWriteArrayList<>();

    private volatile boolean connected;

    /// Starts connecting and returns at once.
    ZooKeeperConnection(ZooKeeperTarget target) {
        this.target = target;
        // Loading the libraries looks up this machine's address: with a slow name service that takes long.
        this.curator = CompletableFuture.supplyAsync(
                this::start,
                task -> Thread.ofPlatform()
                        .daemon()
                        .name("caskade-zookeeper-start")
                        .start(task));
        var _ = curator.exceptionally(failure -> {
            firstConnection.completeExceptionally(failure);
            return null;
        });
    }

    private CuratorFramework start() {
        ZKClientConfig client = new ZKClientConfig();
        client.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        CuratorFramework framework = CuratorFrameworkFactory.builder()
                .connectString(target.connect().toString())
                .sessionTimeoutMs(Math.toIntExact(target.sessionTimeout().toMillis()))
                .connectionTimeoutMs(Math.toIntExact(target.connectTimeout().toMillis()))
                .retryPolicy(new ExponentialBackoffRetry(FIRST_PAUSE_MILLIS, READ_ATTEMPTS))
                // Clients use the servers they were configured with; tracking would cost a read at every start.
                .ensembleTracker(false)
                .zookeeperFactory(FastClosingZooKeeper.factory(client))
                .threadFactory(Thread.ofPlatform()
                        .daemon()
                        .name("caskade-zookeeper-", 0)
                        .factory())
                .build();
        framework.getConnectionStateListenable().addListener((_, state) -> onStateChange(state));
        framework.start();
        return framework;
    }

    private void onStateChange(ConnectionState state) {
        connected = state.isConnected();
        if (connected) {
            firstConnection.complete(null);
        }
        if (state == ConnectionState.LOST) {
            lostListeners.forEach(Runnable::run);
        }
    }

    /// Runs `action`, on the event thread, whenever the session is lost, and its watches with it.
    void onLost(Runnable action) {
        lostListeners.add(action);
    }

    /// Whether the session is connected, as far as is known.
    boolean isConnected() {
        return connected;
    }

    /// Reads a znode's bytes. `changed` runs once, on the event thread, when the znode has changed.
    ///
    /// @return fails with [ZooKeeperUnreachableException] when no connection was ever made in time, and with
    ///     [KeeperException] for an error reported by ZooKeeper
    CompletableFuture<byte[]> data(String path, Runnable changed) {
        CuratorWatcher watcher = event -> {
            // Connection events keep the watch: the session restores it when it reconnects.
            if (event.getType() != Watcher.Event.EventType.None) {
                changed.run();
            }
        };
        return whenConnected((framework, answer) -> framework
                        .getData()
                        .usingWatcher(watcher)
                        .inBackground((_, event) -> complete(answer, event))
                        .forPath(target.root() + path))
                .thenApply(CuratorEvent::getData);
    }

    /// Reads the names of a znode's children; fails like [#data(String, Runnable)].
    CompletableFuture<List<String>> children(String path) {
        return whenConnected((framework, answer) -> framework
                        .getChildren()
                        .inBackground((_, event) -> complete(answer, event))
                        .forPath(target.root() + path))
                .thenApply(CuratorEvent::getChildren);
    }

    private CompletableFuture<CuratorEvent> whenConnected(Request request) {
        return awaitFirstConnection().thenCompose(_ -> curator).thenCompose(framework -> {
            CompletableFuture<CuratorEvent> answer = new CompletableFuture<>();
            try {
                request.send(framework, answer);
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
            return answer;
        });
    }

    private CompletableFuture<Void> awaitFirstConnection() {
        if (firstConnection.isDone()) {
            return firstConnection;
        }
        return firstConnection
                .copy()
                .orTimeout(target.connectTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(failure ->
                        CompletableFuture.failedFuture(failure instanceof TimeoutException ? unreachable() : failure));
    }

    private static void complete(CompletableFuture<CuratorEvent> answer, CuratorEvent event) {
        KeeperException.Code code = KeeperException.Code.get(event.getResultCode());
        if (code == KeeperException.Code.OK) {
            answer.complete(event);
        } else {
            answer.completeExceptionally(KeeperException.create(code, event.getPath()));
        }
    }

    /// The failure to report when ZooKeeper does not answer.
    ZooKeeperUnreachableException unreachable() {
        return new ZooKeeperUnreachableException(
                "no ZooKeeper answers at " + target.connect() + " (zookeeper.connect); is a node running?");
    }

    /// The message for a ZooKeeper that answers but holds no cluster.
    String noClusterMessage() {
        return "ZooKeeper at " + target.connect() + " has no cluster at " + target.root()
                + " (zookeeper.root); has a node been started?";
    }

    /// Ends the session. Outstanding requests are never answered.
    @Override
    public void close() {
        var _ = curator.thenAccept(CuratorFramework::close);
    }

    private interface Request {

        void send(CuratorFramework framework, CompletableFuture<CuratorEvent> answer) throws Exception;
    }
}
