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
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
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
    private final Foundation proposed;

    Founding(ZooKeeperCalls calls, Delivery delivery, Znodes znodes, Foundation proposed) {
        this.calls = calls;
        this.delivery = delivery;
        this.znodes = znodes;
        this.proposed = proposed;
    }

    void attempt(CompletableFuture<Foundation> founded) {
        CompletableFuture<Foundation> attempt = createParents()
                .thenCompose(_ -> calls.multi(List.of(
                        create(znodes.cluster(), StoredJson.write(proposed.settings())),
                        create(znodes.secret(), StoredJson.write(proposed.secret())))))
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

    private CompletableFuture<String> createIfAbsent(String path, byte[] data) {
        return calls.create(path, data, CreateMode.PERSISTENT)
                .exceptionallyCompose(failure -> ZooKeeperCalls.codeOf(failure) == Code.NODEEXISTS
                        ? CompletableFuture.completedFuture(path)
                        : CompletableFuture.failedFuture(failure));
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

    private static Op create(String path, byte[] data) {
        return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }
}
