package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.Foundation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Forms the cluster, or finds what it was formed as. Belongs to the delivery.
///
/// The znodes that hold others come first, each harmless alone; the settings and the secret follow in one
/// transaction, which only the first of several nodes can win. Each step may be repeated, so a lost answer is
/// simply asked for again.
final class Founding {

    private static final Logger LOG = LoggerFactory.getLogger(Founding.class);
    private static final Duration BEFORE_ANOTHER_ATTEMPT = Duration.ofMillis(250);

    private final ZooKeeperCalls calls;
    private final Delivery delivery;
    private final Znodes znodes;
    private final Access access;
    private final Foundation proposed;

    Founding(ZooKeeperCalls calls, Delivery delivery, Znodes znodes, Access access, Foundation proposed) {
        this.calls = calls;
        this.delivery = delivery;
        this.znodes = znodes;
        this.access = access;
        this.proposed = proposed;
    }

    void attempt(CompletableFuture<Foundation> founded) {
        CompletableFuture<Foundation> attempt = createParents()
                .thenCompose(_ -> calls.multi(List.of(
                        calls.creation(znodes.cluster(), StoredJson.write(proposed.settings())),
                        calls.creation(znodes.secret(), StoredJson.write(proposed.secret())))))
                .thenCompose(outcome -> {
                    if (outcome.code() == Code.OK) {
                        LOG.info("formed the cluster {}", proposed.settings());
                    }
                    return outcome.code() == Code.OK || outcome.code() == Code.NODEEXISTS
                            ? stored()
                            : CompletableFuture.failedFuture(KeeperException.create(outcome.code(), znodes.cluster()));
                });
        Delivery.whenDone(attempt, (foundation, failure) -> {
            if (foundation != null) {
                warnOfDifference(foundation);
                founded.complete(foundation);
            } else if (ZooKeeperCalls.isUnanswered(ZooKeeperCalls.codeOf(failure))) {
                LOG.info("forming the cluster again when ZooKeeper answers: {}", String.valueOf(failure));
                delivery.after(BEFORE_ANOTHER_ATTEMPT, () -> attempt(founded));
            } else if (ZooKeeperCalls.codeOf(failure) == Code.NOAUTH) {
                founded.completeExceptionally(new CoordinationException(access.refused(), failure));
            } else {
                founded.completeExceptionally(
                        new CoordinationException("cannot form the cluster at " + znodes.root(), failure));
            }
        });
    }

    private CompletableFuture<Void> createParents() {
        List<CompletableFuture<String>> created = new ArrayList<>();
        Stream.concat(
                        znodes.rootAndParents().stream(),
                        Stream.of(znodes.nodes(), znodes.partitions(), znodes.draining(), znodes.controller()))
                .map(path -> createIfAbsent(path, new byte[0]))
                .forEachOrdered(created::add);
        created.add(createIfAbsent(znodes.controllerEpoch(), "0".getBytes(UTF_8)));
        return CompletableFuture.allOf(created.toArray(CompletableFuture<?>[]::new));
    }

    /// Who may not create it may still find it there: others have prepared the root, in a place that is theirs.
    private CompletableFuture<String> createIfAbsent(String path, byte[] data) {
        return calls.create(path, data, CreateMode.PERSISTENT)
                .exceptionallyCompose(failure -> switch (ZooKeeperCalls.codeOf(failure)) {
                    case NODEEXISTS -> CompletableFuture.completedFuture(path);
                    case NOAUTH -> calls.get(path).thenApply(_ -> path);
                    default -> CompletableFuture.failedFuture(failure);
                });
    }

    private CompletableFuture<Foundation> stored() {
        return calls.syncAndGet(znodes.cluster())
                .thenCompose(cluster ->
                        calls.syncAndGet(znodes.secret()).thenCompose(secret -> read(cluster.data(), secret.data())));
    }

    private static CompletableFuture<Foundation> read(byte[] settings, byte[] secret) {
        try {
            return CompletableFuture.completedFuture(
                    new Foundation(StoredJson.readSettings(settings), StoredJson.readSecret(secret)));
        } catch (StoredJson.UnreadableException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void warnOfDifference(Foundation counts) {
        if (counts.settings().partitions() != proposed.settings().partitions()) {
            LOG.warn(
                    "cluster.partitions is {} here, but the cluster was formed with {}, which counts",
                    proposed.settings().partitions(),
                    counts.settings().partitions());
        }
    }
}
