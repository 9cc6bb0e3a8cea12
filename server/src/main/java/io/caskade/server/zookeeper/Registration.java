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

/// Keeps this node's ephemeral znode there, and its own. Belongs to the delivery.
///
/// A znode that is there already counts as one's own by its session alone. One that this very process made in an
/// earlier session is removed at once. One of another process may be a dead one's, whose session has yet to end,
/// or a living one's: that shows after a session's time-out, and then two processes claim the same id.
final class Registration {

    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

    private final ZooKeeperCalls calls;
    private final Delivery delivery;
    private final Znodes znodes;
    private final LongSupplier session;
    private final Supplier<Duration> othersPatience;
    private final Consumer<NodeIdTakenException> onRefused;

    private @Nullable Wanted wanted;

    /// @param session the id of the session this process is in
    /// @param othersPatience after how long a session that nobody renews must have ended
    /// @param onRefused hears of a registration that was lost to another process
    Registration(
            ZooKeeperCalls calls,
            Delivery delivery,
            Znodes znodes,
            LongSupplier session,
            Supplier<Duration> othersPatience,
            Consumer<NodeIdTakenException> onRefused) {
        this.calls = calls;
        this.delivery = delivery;
        this.znodes = znodes;
        this.session = session;
        this.othersPatience = othersPatience;
        this.onRefused = onRefused;
    }

    /// What is to be registered, and how far that is.
    private static final class Wanted {
        private final NodeInfo self;
        private final byte[] json;
        private final CompletableFuture<Void> registered = new CompletableFuture<>();
        private boolean attempting;
        private @Nullable Long otherSession;

        Wanted(NodeInfo self) {
            this.self = self;
            this.json = StoredJson.write(self);
        }
    }

    CompletableFuture<Void> register(NodeInfo self) {
        if (wanted != null) {
            throw new IllegalStateException("registered already as " + wanted.self);
        }
        Wanted added = new Wanted(self);
        wanted = added;
        attempt(added);
        return added.registered;
    }

    CompletableFuture<Void> unregister() {
        Wanted given = wanted;
        wanted = null;
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (given == null) {
            done.complete(null);
            return done;
        }
        given.registered.completeExceptionally(new CoordinationException("unregistered before it was done", null));
        String path = znodes.node(given.self.id());
        Delivery.whenDone(
                calls.syncAndGet(path)
                        .thenCompose(found -> found.stat().getEphemeralOwner() == session.getAsLong()
                                ? calls.delete(path, found.stat().getVersion())
                                : CompletableFuture.completedFuture(path)),
                (deleted, failure) -> {
                    if (failure != null && ZooKeeperCalls.codeOf(failure) != Code.NONODE) {
                        LOG.info("the registration is left to the end of its session: {}", failure.getMessage());
                    }
                    done.complete(null);
                });
        return done;
    }

    /// Stops renewing the registration and leaves it to the end of its session.
    void abandon() {
        if (wanted != null) {
            wanted.registered.completeExceptionally(new CoordinationException("the coordinator was closed", null));
            wanted = null;
        }
    }

    /// Makes sure that the registration is still there. To be called whenever it might not be: in a new session,
    /// when its znode was seen to change, and now and then.
    void check() {
        if (wanted != null) {
            inspect(wanted);
        }
    }

    /// Makes sure that the registration is there if the image lacks it or shows another's.
    void check(ClusterImage image) {
        if (wanted != null && !image.node(wanted.self.id()).equals(Optional.of(wanted.self))) {
            inspect(wanted);
        }
    }

    private void attempt(Wanted attempted) {
        if (attempted.attempting) {
            return;
        }
        attempted.attempting = true;
        String path = znodes.node(attempted.self.id());
        Delivery.whenDone(calls.create(path, attempted.json, CreateMode.EPHEMERAL), (created, failure) -> {
            attempted.attempting = false;
            if (attempted != wanted) {
                return;
            }
            Code code = failure == null ? Code.OK : ZooKeeperCalls.codeOf(failure);
            if (code == Code.OK) {
                LOG.info(
                        "registered as {} in session 0x{}", attempted.self.id(), Long.toHexString(session.getAsLong()));
                succeed(attempted);
            } else if (code == Code.NODEEXISTS) {
                inspect(attempted);
            } else if (ZooKeeperCalls.isUnanswered(code)) {
                LOG.debug("registering again when a server answers", failure);
            } else {
                LOG.error("cannot register at {}", path, failure);
                CoordinationException refusal =
                        new CoordinationException("cannot register at " + path + " in ZooKeeper: " + code, failure);
                if (attempted.registered.completeExceptionally(refusal)) {
                    wanted = null;
                }
            }
        });
    }

    private void inspect(Wanted attempted) {
        if (attempted.attempting) {
            return;
        }
        attempted.attempting = true;
        String path = znodes.node(attempted.self.id());
        Delivery.whenDone(calls.syncAndGet(path), (found, failure) -> {
            attempted.attempting = false;
            if (attempted != wanted) {
                return;
            }
            if (found == null) {
                LOG.debug("{} went while it was looked at, or no server answered", path, failure);
                if (failure != null && ZooKeeperCalls.codeOf(failure) == Code.NONODE) {
                    attempt(attempted);
                }
                return;
            }
            judge(attempted, path, found);
        });
    }

    private void judge(Wanted attempted, String path, ZooKeeperCalls.Znode found) {
        long owner = found.stat().getEphemeralOwner();
        NodeInfo other = read(found, attempted.self.id());
        boolean ownSession = owner == session.getAsLong();
        if (ownSession && attempted.self.equals(other)) {
            succeed(attempted);
        } else if (ownSession || (other != null && other.incarnation().equals(attempted.self.incarnation()))) {
            LOG.info("replacing the registration that this process made earlier");
            attempted.attempting = true;
            Delivery.whenDone(calls.delete(path, found.stat().getVersion()), (deleted, failure) -> {
                attempted.attempting = false;
                check();
            });
        } else if (attempted.otherSession == null || attempted.otherSession != owner) {
            LOG.warn(
                    "{} is registered by another process, {}; waiting {} ms for it to prove dead",
                    attempted.self.id(),
                    describe(other),
                    othersPatience.get().toMillis());
            attempted.otherSession = owner;
            delivery.after(othersPatience.get(), () -> giveUpUnlessGone(attempted, path, owner));
        }
    }

    private void giveUpUnlessGone(Wanted attempted, String path, long owner) {
        if (attempted != wanted || attempted.otherSession == null || attempted.otherSession != owner) {
            return;
        }
        Delivery.whenDone(calls.syncAndGet(path), (found, failure) -> {
            if (attempted != wanted) {
                return;
            }
            if (found == null) {
                attempted.otherSession = null;
                check();
            } else if (found.stat().getEphemeralOwner() == owner) {
                refuse(attempted, read(found, attempted.self.id()));
            } else {
                judge(attempted, path, found);
            }
        });
    }

    private void refuse(Wanted attempted, @Nullable NodeInfo other) {
        wanted = null;
        NodeIdTakenException refusal = new NodeIdTakenException("node.id: expected an id of this node's own, found \""
                + attempted.self.id() + "\", which another running process has: " + describe(other));
        if (!attempted.registered.completeExceptionally(refusal)) {
            onRefused.accept(refusal);
        }
    }

    private void succeed(Wanted attempted) {
        attempted.otherSession = null;
        attempted.registered.complete(null);
    }

    private static @Nullable NodeInfo read(ZooKeeperCalls.Znode found, String id) {
        try {
            return StoredJson.readNode(found.data(), id);
        } catch (StoredJson.UnreadableException e) {
            LOG.warn("another process registered in a form that cannot be read", e);
            return null;
        }
    }

    private static String describe(@Nullable NodeInfo other) {
        if (other == null) {
            return "one that registered in a form that cannot be read";
        }
        return (other.grpc() == null ? "at no address" : "at " + other.grpc()) + ", incarnation " + other.incarnation();
    }
}
