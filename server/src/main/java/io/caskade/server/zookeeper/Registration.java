package io.caskade.server.zookeeper;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.NodeIdTakenException;
import io.caskade.server.cluster.NodeInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Maintains this node's ephemeral znode. Coordinator thread only.
///
/// An existing znode is ours only if its session is. One that this process created in an earlier session is
/// removed at once. One of another process may belong to a dead process, whose session has not expired yet; if
/// it is still there after a session time-out, two live processes claim the same id.
final class Registration {

    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

    private final AsyncZooKeeper calls;
    private final CoordinatorThread thread;
    private final ZnodePaths paths;
    private final LongSupplier session;
    private final Supplier<Duration> takeoverTimeout;
    private final Consumer<NodeIdTakenException> onRefused;
    private final RareLog refusals = new RareLog();

    private @Nullable DesiredRegistration desired;

    /// @param session this process's session id
    /// @param takeoverTimeout after how long an abandoned session must have expired
    /// @param onRefused called when the registration was lost to another process
    Registration(
            AsyncZooKeeper calls,
            CoordinatorThread thread,
            ZnodePaths paths,
            LongSupplier session,
            Supplier<Duration> takeoverTimeout,
            Consumer<NodeIdTakenException> onRefused) {
        this.calls = calls;
        this.thread = thread;
        this.paths = paths;
        this.session = session;
        this.takeoverTimeout = takeoverTimeout;
        this.onRefused = onRefused;
    }

    /// The desired registration and its progress.
    private static final class DesiredRegistration {
        private final NodeInfo self;
        private final byte[] json;
        private final CompletableFuture<Void> registered = new CompletableFuture<>();
        private boolean attempting;
        private @Nullable Long otherSession;

        DesiredRegistration(NodeInfo self) {
            this.self = self;
            this.json = ZnodeJson.write(self);
        }
    }

    CompletableFuture<Void> register(NodeInfo self) {
        if (desired != null) {
            throw new IllegalStateException("registered already as " + desired.self);
        }
        DesiredRegistration added = new DesiredRegistration(self);
        desired = added;
        attempt(added);
        return added.registered;
    }

    CompletableFuture<Void> unregister() {
        DesiredRegistration given = desired;
        desired = null;
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (given == null) {
            done.complete(null);
            return done;
        }
        given.registered.completeExceptionally(
                new CoordinationException("unregistered before the registration was complete", null));
        String path = paths.node(given.self.id());
        thread.whenDone(
                calls.syncAndGet(path)
                        .thenCompose(found -> found.stat().getEphemeralOwner() == session.getAsLong()
                                ? calls.delete(path, found.stat().getVersion())
                                : CompletableFuture.completedFuture(path)),
                (deleted, failure) -> {
                    if (failure != null && AsyncZooKeeper.codeOf(failure) != Code.NONODE) {
                        LOG.info(
                                "could not delete the registration; it expires with the session: {}",
                                failure.getMessage());
                    }
                    done.complete(null);
                });
        return done;
    }

    /// Stops renewing the registration, which expires with the session.
    void abandon() {
        if (desired != null) {
            desired.registered.completeExceptionally(new CoordinationException("the coordinator was closed", null));
            desired = null;
        }
    }

    /// Checks the registration and renews it if it is missing. Called in a new session, when the znode changed,
    /// and periodically.
    void check() {
        if (desired != null) {
            inspect(desired);
        }
    }

    /// Checks the registration if the image lacks it or shows another process's.
    void check(ClusterImage image) {
        if (desired != null && !image.node(desired.self.id()).equals(Optional.of(desired.self))) {
            inspect(desired);
        }
    }

    private void attempt(DesiredRegistration attempted) {
        if (attempted.attempting) {
            return;
        }
        attempted.attempting = true;
        String path = paths.node(attempted.self.id());
        thread.whenDone(calls.create(path, attempted.json, CreateMode.EPHEMERAL), (created, failure) -> {
            attempted.attempting = false;
            if (attempted != desired) {
                return;
            }
            Code code = failure == null ? Code.OK : AsyncZooKeeper.codeOf(failure);
            if (code == Code.OK) {
                LOG.info(
                        "registered as {} in session 0x{}", attempted.self.id(), Long.toHexString(session.getAsLong()));
                succeed(attempted);
            } else if (code == Code.NODEEXISTS) {
                inspect(attempted);
            } else if (AsyncZooKeeper.isUnanswered(code)) {
                LOG.debug("registering again when a server answers", failure);
            } else {
                if (refusals.isDue(code.toString())) {
                    LOG.error("cannot register at {} in ZooKeeper: {}", path, describe(code));
                }
                CoordinationException refusal = new CoordinationException(
                        "cannot register at " + path + " in ZooKeeper: " + describe(code), failure);
                if (attempted.registered.completeExceptionally(refusal)) {
                    desired = null;
                }
            }
        });
    }

    private static String describe(Code code) {
        return code == Code.NONODE ? "the cluster is not there any more: are ZooKeeper's data lost?" : code.toString();
    }

    private void inspect(DesiredRegistration attempted) {
        if (attempted.attempting) {
            return;
        }
        attempted.attempting = true;
        String path = paths.node(attempted.self.id());
        thread.whenDone(calls.syncAndGet(path), (found, failure) -> {
            attempted.attempting = false;
            if (attempted != desired) {
                return;
            }
            if (found == null) {
                LOG.debug("{} disappeared while it was read, or no server answered", path, failure);
                if (failure != null && AsyncZooKeeper.codeOf(failure) == Code.NONODE) {
                    attempt(attempted);
                }
                return;
            }
            resolveConflict(attempted, path, found);
        });
    }

    private void resolveConflict(DesiredRegistration attempted, String path, AsyncZooKeeper.Znode found) {
        long owner = found.stat().getEphemeralOwner();
        NodeInfo other = read(found, attempted.self.id());
        boolean ownSession = owner == session.getAsLong();
        if (ownSession && attempted.self.equals(other)) {
            succeed(attempted);
        } else if (ownSession || (other != null && other.incarnation().equals(attempted.self.incarnation()))) {
            LOG.info("replacing the registration that this process made earlier");
            attempted.attempting = true;
            thread.whenDone(calls.delete(path, found.stat().getVersion()), (deleted, failure) -> {
                attempted.attempting = false;
                check();
            });
        } else if (attempted.otherSession == null || attempted.otherSession != owner) {
            LOG.warn(
                    "{} is registered by another process, {}; waiting up to {} ms for its session to expire",
                    attempted.self.id(),
                    describe(other),
                    takeoverTimeout.get().toMillis());
            attempted.otherSession = owner;
            thread.schedule(takeoverTimeout.get(), () -> refuseUnlessGone(attempted, path, owner));
        }
    }

    private void refuseUnlessGone(DesiredRegistration attempted, String path, long owner) {
        if (attempted != desired || attempted.otherSession == null || attempted.otherSession != owner) {
            return;
        }
        thread.whenDone(calls.syncAndGet(path), (found, failure) -> {
            if (attempted != desired) {
                return;
            }
            if (found == null) {
                attempted.otherSession = null;
                check();
            } else if (found.stat().getEphemeralOwner() == owner) {
                refuse(attempted, read(found, attempted.self.id()));
            } else {
                resolveConflict(attempted, path, found);
            }
        });
    }

    private void refuse(DesiredRegistration attempted, @Nullable NodeInfo other) {
        desired = null;
        NodeIdTakenException refusal = new NodeIdTakenException("node.id: expected an id of this node's own, found \""
                + attempted.self.id() + "\", which another running process has: " + describe(other));
        if (!attempted.registered.completeExceptionally(refusal)) {
            onRefused.accept(refusal);
        }
    }

    private void succeed(DesiredRegistration attempted) {
        attempted.otherSession = null;
        refusals.reset();
        attempted.registered.complete(null);
    }

    private static @Nullable NodeInfo read(AsyncZooKeeper.Znode found, String id) {
        try {
            return ZnodeJson.readNode(found.data(), id);
        } catch (ZnodeJson.UnreadableException e) {
            LOG.warn("another process registered unreadable data", e);
            return null;
        }
    }

    private static String describe(@Nullable NodeInfo other) {
        if (other == null) {
            return "one that registered unreadable data";
        }
        return (other.grpc() == null ? "at no address" : "at " + other.grpc()) + ", incarnation " + other.incarnation();
    }
}
