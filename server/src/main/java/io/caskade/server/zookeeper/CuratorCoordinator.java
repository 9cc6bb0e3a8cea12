package io.caskade.server.zookeeper;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ControllerEpoch;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIdTakenException;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SessionState;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.cluster.SharedSettingsStore;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.server.config.ZooKeeperCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The coordinator on ZooKeeper, with Curator keeping the connection.
///
/// Created by [#connect]. [#close()] blocks, closes the session, and with it removes this node's registration
/// and candidacy.
public final class CuratorCoordinator implements Coordinator, SharedSettingsStore, AutoCloseable {

    private static final String CHECK_ACLS = "check zookeeper.user and zookeeper.password-file, and the znode's ACL";

    private static final Logger LOG = LoggerFactory.getLogger(CuratorCoordinator.class);
    private static final int RETRY_MILLIS = 250;
    private static final int ANY_VERSION = -1;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final ZnodePaths paths;
    private final ZnodeAcls acls;
    private final CoordinatorThread thread;
    private final CuratorFramework client;
    private final AsyncZooKeeper zooKeeper;
    private final SavedSession savedSession;
    private final ClusterImageCache imageCache;
    private final Registration registration;
    private final List<Observer> observers = new ArrayList<>();
    private final List<CompletableFuture<?>> pendingBootstraps = new ArrayList<>();

    /// Changed on the coordinator's thread.
    private volatile SessionState session = SessionState.SUSPENDED;

    private @Nullable ControllerElection election;
    private boolean closed;

    private CuratorCoordinator(
            ZooKeeperConfig config,
            Optional<ZooKeeperCredentials> credentials,
            SavedSession savedSession,
            Consumer<Error> onError) {
        this.paths = new ZnodePaths(config.root());
        this.acls = new ZnodeAcls(config, paths, credentials);
        this.savedSession = savedSession;
        this.thread = new CoordinatorThread("coordinator", onError);
        int sessionMillis = Math.toIntExact(config.sessionTimeout().toMillis());
        // For Curator this is the timeout of one connection attempt, which is useless after the session's end.
        int attemptMillis = Math.min(
                sessionMillis, Math.toIntExact(config.connectionTimeout().toMillis()));
        this.client = acls.protect(CuratorFrameworkFactory.builder())
                .connectString(config.connect().toString())
                .sessionTimeoutMs(sessionMillis)
                .connectionTimeoutMs(attemptMillis)
                .retryPolicy(new RetryForever(RETRY_MILLIS))
                .ensembleTracker(false)
                .zookeeperFactory(PromptZooKeeper.factory())
                .dontUseContainerParents()
                .maxCloseWaitMs(Math.toIntExact(CLOSE_TIMEOUT.toMillis()))
                .build();
        this.zooKeeper = new AsyncZooKeeper(client, acls, thread);
        this.imageCache = new ClusterImageCache(client, paths, thread, this::imageChanged);
        this.registration = new Registration(
                zooKeeper, thread, paths, this::sessionId, this::sessionTakeoverTimeout, this::registrationRefused);
    }

    /// Connects to ZooKeeper, closing the session that the node's last process left open first. Blocks until a
    /// server answers, at most for `zookeeper.connection-timeout`. The caller holds the lock of the data
    /// directory.
    ///
    /// @param sessionFile where the session is saved for the node's next process, in its data directory
    /// @param onError called when a task of the coordinator fails with a JVM error: the process must end
    /// @throws CoordinationException when no server answers in time, or the password file is empty
    public static CuratorCoordinator connect(ZooKeeperConfig config, Path sessionFile, Consumer<Error> onError)
            throws CoordinationException, InterruptedException {
        Optional<ZooKeeperCredentials> credentials;
        try {
            credentials = config.credentials();
        } catch (IOException e) {
            throw new CoordinationException(String.valueOf(e.getMessage()), e);
        }
        SavedSession saved = new SavedSession(sessionFile);
        try {
            saved.closeLast(config.connect().toString(), config.sessionTimeout(), config.connectionTimeout());
        } catch (TimeoutException e) {
            throw unanswered(config, e);
        } catch (IOException e) {
            throw new CoordinationException("cannot read " + sessionFile + ": " + e, e);
        }
        CuratorCoordinator coordinator = new CuratorCoordinator(config, credentials, saved, onError);
        try {
            coordinator.start(config);
        } catch (CoordinationException | InterruptedException | RuntimeException e) {
            coordinator.close();
            throw e;
        }
        return coordinator;
    }

    private static CoordinationException unanswered(ZooKeeperConfig config, @Nullable Throwable cause) {
        return new CoordinationException(
                "zookeeper.connect " + config.connect() + ": no server answered within "
                        + config.connectionTimeout().toMillis() + " ms",
                cause);
    }

    private void start(ZooKeeperConfig config) throws CoordinationException, InterruptedException {
        client.getConnectionStateListenable().addListener((_, state) -> connectionChanged(state), thread);
        client.start();
        if (!client.blockUntilConnected(
                Math.toIntExact(config.connectionTimeout().toMillis()), TimeUnit.MILLISECONDS)) {
            throw unanswered(config, null);
        }
        int negotiated = client.getZookeeperClient().getLastNegotiatedSessionTimeoutMs();
        if (negotiated != config.sessionTimeout().toMillis()) {
            LOG.warn(
                    "zookeeper.session-timeout is {} ms here, but the server allows {} ms; using the server's value",
                    config.sessionTimeout().toMillis(),
                    negotiated);
        }
        imageCache.start();
        thread.scheduleRepeatedly(config.sessionTimeout(), registration::check);
    }

    @Override
    public CompletionStage<BootstrapData> bootstrap(BootstrapData proposed) {
        CompletableFuture<BootstrapData> bootstrapped = new CompletableFuture<>();
        thread.execute(() -> {
            pendingBootstraps.add(bootstrapped);
            new ClusterBootstrap(zooKeeper, thread, paths, acls).form(proposed, bootstrapped);
        });
        return bootstrapped;
    }

    @Override
    public CompletionStage<Optional<BootstrapData>> lookUp() {
        CompletableFuture<Optional<BootstrapData>> found = new CompletableFuture<>();
        thread.execute(() -> {
            pendingBootstraps.add(found);
            new ClusterBootstrap(zooKeeper, thread, paths, acls).lookUp(found);
        });
        return found;
    }

    @Override
    public CompletionStage<Versioned<SharedSettings>> seedSettings(SharedSettings proposed) {
        CompletableFuture<Versioned<SharedSettings>> seeded = new CompletableFuture<>();
        thread.execute(() -> {
            pendingBootstraps.add(seeded);
            settingsZnode().seed(proposed, seeded);
        });
        return seeded;
    }

    @Override
    public CompletionStage<Versioned<SharedSettings>> readSettings() {
        CompletableFuture<Versioned<SharedSettings>> read = new CompletableFuture<>();
        thread.execute(() -> settingsZnode().read(read));
        return read;
    }

    @Override
    public CompletionStage<Boolean> changeSettings(int expectedVersion, SharedSettings next) {
        CompletableFuture<Boolean> changed = new CompletableFuture<>();
        thread.execute(() -> settingsZnode().change(expectedVersion, next, changed));
        return changed;
    }

    private SettingsZnode settingsZnode() {
        return new SettingsZnode(zooKeeper, thread, paths);
    }

    @Override
    public CompletionStage<Void> register(NodeInfo self) {
        return onThread(() -> registration.register(self));
    }

    @Override
    public CompletionStage<Void> unregister() {
        return onThread(registration::unregister);
    }

    @Override
    public void subscribe(Observer observer) {
        thread.execute(() -> {
            observers.add(observer);
            observer.sessionChanged(session);
            imageCache.newest().ifPresent(observer::imageChanged);
        });
    }

    @Override
    public CompletionStage<Versioned<PartitionState>> read(int partition) {
        CompletableFuture<Versioned<PartitionState>> answer = new CompletableFuture<>();
        thread.whenDone(zooKeeper.syncAndGet(paths.partition(partition)), (found, failure) -> {
            if (found == null) {
                answer.completeExceptionally(new CoordinationException("cannot read partition " + partition, failure));
                return;
            }
            try {
                Versioned<PartitionState> current = new Versioned<>(
                        ZnodeJson.readPartition(found.data(), Integer.toString(partition)),
                        found.stat().getVersion());
                imageCache.update(current);
                answer.complete(current);
            } catch (ZnodeJson.UnreadableException e) {
                answer.completeExceptionally(
                        new CoordinationException("cannot parse the stored state of partition " + partition, e));
            }
        });
        return answer;
    }

    @Override
    public CompletionStage<CasResult> compareAndSet(int expectedVersion, PartitionState next) {
        if (session != SessionState.CONNECTED) {
            return CompletableFuture.completedFuture(new CasResult.NotDone("ZooKeeper cannot be reached"));
        }
        CompletableFuture<CasResult> result = new CompletableFuture<>();
        CompletableFuture<Stat> stored =
                zooKeeper.setData(paths.partition(next.id()), ZnodeJson.write(next), expectedVersion);
        thread.whenDone(stored, (stat, failure) -> {
            if (stat != null) {
                imageCache.update(new Versioned<>(next, stat.getVersion()));
                result.complete(new CasResult.Won(stat.getVersion()));
            } else if (failure != null && AsyncZooKeeper.codeOf(failure) == Code.BADVERSION) {
                read(next.id())
                        .whenComplete((current, unread) -> result.complete(lostTo(expectedVersion, current, unread)));
            } else {
                result.complete(failed(next.id(), failure));
            }
        });
        return result;
    }

    /// What ZooKeeper has answered with an error is known not to have happened.
    private static CasResult failed(int partition, @Nullable Throwable failure) {
        return switch (failure == null ? Code.SYSTEMERROR : AsyncZooKeeper.codeOf(failure)) {
            case NOAUTH ->
                new CasResult.NotDone(
                        "this node may not write the znode of partition " + partition + ": " + CHECK_ACLS);
            case NONODE -> new CasResult.NotDone("partition " + partition + " has no znode in ZooKeeper");
            default -> new CasResult.Unknown(String.valueOf(failure));
        };
    }

    private static CasResult lostTo(
            int expectedVersion, @Nullable Versioned<PartitionState> current, @Nullable Throwable unread) {
        if (current == null) {
            return new CasResult.Unknown("compare-and-set failed, and the stored state could not be read: " + unread);
        }
        if (current.version() <= expectedVersion) {
            return new CasResult.Unknown("expected version " + expectedVersion
                    + ", which is newer than what is stored, " + current.version());
        }
        return new CasResult.Lost(current);
    }

    @Override
    public CompletionStage<Void> setDraining(String node, boolean draining) {
        String path = paths.draining(node);
        Code alreadyDone = draining ? Code.NODEEXISTS : Code.NONODE;
        CompletableFuture<Void> done = new CompletableFuture<>();
        thread.whenDone(
                draining
                        ? zooKeeper.create(path, new byte[0], CreateMode.PERSISTENT)
                        : zooKeeper.delete(path, ANY_VERSION),
                (_, failure) -> {
                    if (failure == null || AsyncZooKeeper.codeOf(failure) == alreadyDone) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(
                                new CoordinationException("unknown whether node " + node + " was marked", failure));
                    }
                });
        return done;
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        thread.schedule(delay, task);
    }

    @Override
    public void joinControllerElection(String node, ControllerCandidate candidate) {
        thread.execute(() -> {
            if (election != null) {
                throw new IllegalStateException("a node joins the controller election once");
            }
            election = new ControllerElection(client, zooKeeper, thread, paths, node, candidate);
            election.start();
        });
    }

    @Override
    public CompletionStage<Void> leaveControllerElection() {
        return onThread(() -> {
            if (election != null) {
                election.withdraw();
            }
            return CompletableFuture.completedFuture(null);
        });
    }

    @Override
    public CompletionStage<ControllerWriteResult> write(ControllerEpoch epoch, List<ControllerWrite> writes) {
        List<Op> operations = new ArrayList<>();
        operations.add(Op.check(paths.controllerEpoch(), epoch.value()));
        for (ControllerWrite write : writes) {
            operations.add(
                    switch (write) {
                        case ControllerWrite.CreatePartition(PartitionState state) ->
                            zooKeeper.createOp(paths.partition(state.id()), ZnodeJson.write(state));
                        case ControllerWrite.ChangePartition(PartitionState next, int expectedVersion) ->
                            Op.setData(paths.partition(next.id()), ZnodeJson.write(next), expectedVersion);
                    });
        }
        return zooKeeper.multi(operations).thenApply(outcome -> {
            ControllerWriteResult result = result(outcome);
            if (result instanceof ControllerWriteResult.Done) {
                writes.forEach(this::updateCache);
            } else if (result instanceof ControllerWriteResult.Deposed && election != null) {
                election.onDeposed(epoch);
            }
            return result;
        });
    }

    private void updateCache(ControllerWrite written) {
        switch (written) {
            case ControllerWrite.CreatePartition(PartitionState state) -> imageCache.update(new Versioned<>(state, 0));
            case ControllerWrite.ChangePartition(PartitionState next, int expectedVersion) ->
                imageCache.update(new Versioned<>(next, expectedVersion + 1));
        }
    }

    private static ControllerWriteResult result(AsyncZooKeeper.Outcome outcome) {
        if (outcome.code() == Code.OK) {
            return new ControllerWriteResult.Done();
        }
        if (outcome.code() == Code.NOAUTH) {
            return new ControllerWriteResult.Refused(
                    "this node may not write the znodes of the partitions: " + CHECK_ACLS);
        }
        if (outcome.results().isEmpty()) {
            return new ControllerWriteResult.Unknown(outcome.code().toString());
        }
        boolean isStaleEpoch = outcome.results().getFirst() instanceof OpResult.ErrorResult check
                && check.getErr() == Code.BADVERSION.intValue();
        return isStaleEpoch
                ? new ControllerWriteResult.Deposed()
                : new ControllerWriteResult.Conflict(outcome.code().toString());
    }

    /// Closes the session and with it all ephemeral znodes. Blocks for seconds at most; not for the
    /// coordinator's thread.
    @Override
    public void close() {
        CompletableFuture<Void> quiet = onThread(() -> {
            closed = true;
            session = SessionState.LOST;
            observers.clear();
            registration.abandon();
            pendingBootstraps.forEach(stage ->
                    stage.completeExceptionally(new CoordinationException("the coordinator was closed", null)));
            if (election != null) {
                election.withdraw();
            }
            return CompletableFuture.completedFuture(null);
        });
        quiet.join();
        imageCache.close();
        client.close();
        thread.close();
    }

    private CompletableFuture<Void> onThread(Supplier<CompletableFuture<Void>> action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        thread.execute(() -> {
            try {
                thread.whenDone(action.get(), (_, failure) -> {
                    if (failure == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(failure);
                    }
                });
            } catch (IllegalStateException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private void connectionChanged(ConnectionState state) {
        SessionState now = switch (state) {
            case CONNECTED, RECONNECTED, READ_ONLY -> SessionState.CONNECTED;
            case SUSPENDED -> SessionState.SUSPENDED;
            case LOST -> SessionState.LOST;
        };
        if (closed || now == session) {
            return;
        }
        LOG.info("ZooKeeper session: {}", state);
        session = now;
        if (now == SessionState.CONNECTED) {
            try {
                savedSession.save(client.getZookeeperClient().getZooKeeper());
            } catch (Exception e) {
                LOG.warn("the session ended before it could be saved: {}", e.getMessage());
            }
            registration.check();
        }
        observers.forEach(observer -> observer.sessionChanged(now));
    }

    private void imageChanged(ClusterImage image) {
        registration.check(image);
        observers.forEach(observer -> observer.imageChanged(image));
    }

    private void registrationRefused(NodeIdTakenException refusal) {
        LOG.error(refusal.getMessage());
        observers.forEach(observer -> observer.registrationRefused(refusal));
    }

    /// By then an abandoned session has expired: servers check once per tick, 2 s by default.
    private Duration sessionTakeoverTimeout() {
        return Duration.ofMillis(client.getZookeeperClient().getLastNegotiatedSessionTimeoutMs() * 3L / 2)
                .plusSeconds(1);
    }

    private long sessionId() {
        try {
            return client.getZookeeperClient().getZooKeeper().getSessionId();
        } catch (Exception e) {
            LOG.debug("no session now", e);
            return 0;
        }
    }
}
