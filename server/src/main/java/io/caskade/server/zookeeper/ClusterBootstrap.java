package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.CoordinationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Forms the cluster, or reads its bootstrap data. Coordinator thread only.
///
/// The parent znodes come first, each harmless alone; the settings and the secret follow in one transaction,
/// which only the first of several nodes can win. Each step is idempotent, so it is retried when its answer was
/// lost.
final class ClusterBootstrap {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterBootstrap.class);
    private static final Duration RETRY_DELAY = Duration.ofMillis(250);

    private final AsyncZooKeeper calls;
    private final CoordinatorThread thread;
    private final ZnodePaths paths;
    private final ZnodeAcls acls;

    ClusterBootstrap(AsyncZooKeeper calls, CoordinatorThread thread, ZnodePaths paths, ZnodeAcls acls) {
        this.calls = calls;
        this.thread = thread;
        this.paths = paths;
        this.acls = acls;
    }

    /// Forms the cluster as proposed, or reads the data of the one that is formed.
    void form(BootstrapData proposed, CompletableFuture<BootstrapData> result) {
        retry(() -> attempt(proposed), "form", result);
    }

    /// Reads the data of the cluster; empty when none is formed.
    void lookUp(CompletableFuture<Optional<BootstrapData>> result) {
        retry(
                () -> readStored()
                        .thenApply(Optional::of)
                        .exceptionallyCompose(failure -> AsyncZooKeeper.codeOf(failure) == Code.NONODE
                                ? CompletableFuture.completedFuture(Optional.empty())
                                : CompletableFuture.failedFuture(failure)),
                "read",
                result);
    }

    private CompletableFuture<BootstrapData> attempt(BootstrapData proposed) {
        return createParents()
                .thenCompose(_ -> calls.multi(List.of(
                        calls.createOp(paths.cluster(), ZnodeJson.write(proposed.settings())),
                        calls.createOp(paths.secret(), ZnodeJson.write(proposed.secret())))))
                .thenCompose(outcome -> {
                    if (outcome.code() == Code.OK) {
                        LOG.info("formed the cluster {}", proposed.settings());
                    }
                    return outcome.code() == Code.OK || outcome.code() == Code.NODEEXISTS
                            ? readStored()
                            : CompletableFuture.failedFuture(KeeperException.create(outcome.code(), paths.cluster()));
                });
    }

    /// Tries until a server answers.
    ///
    /// @param verb what is tried, for messages
    private <T> void retry(Supplier<CompletableFuture<T>> attempt, String verb, CompletableFuture<T> result) {
        thread.whenDone(attempt.get(), (bootstrap, failure) -> {
            if (bootstrap != null) {
                result.complete(bootstrap);
            } else if (AsyncZooKeeper.isUnanswered(AsyncZooKeeper.codeOf(failure))) {
                // The caller says that it waits.
                LOG.debug("trying again to {} the cluster", verb, failure);
                thread.schedule(RETRY_DELAY, () -> retry(attempt, verb, result));
            } else if (AsyncZooKeeper.codeOf(failure) == Code.NOAUTH) {
                result.completeExceptionally(new CoordinationException(acls.accessDenied(), failure));
            } else {
                result.completeExceptionally(
                        new CoordinationException("cannot " + verb + " the cluster at " + paths.root(), failure));
            }
        });
    }

    private CompletableFuture<Void> createParents() {
        List<CompletableFuture<String>> created = new ArrayList<>();
        Stream.concat(
                        paths.rootAndParents().stream(),
                        Stream.of(paths.nodes(), paths.partitions(), paths.draining(), paths.controller()))
                .map(path -> createIfAbsent(path, new byte[0]))
                .forEachOrdered(created::add);
        created.add(createIfAbsent(paths.controllerEpoch(), "0".getBytes(UTF_8)));
        return CompletableFuture.allOf(created.toArray(CompletableFuture<?>[]::new));
    }

    /// A node without permission to create the root may still find it: an administrator may have created it.
    private CompletableFuture<String> createIfAbsent(String path, byte[] data) {
        return calls.create(path, data, CreateMode.PERSISTENT)
                .exceptionallyCompose(failure -> switch (AsyncZooKeeper.codeOf(failure)) {
                    case NODEEXISTS -> CompletableFuture.completedFuture(path);
                    case NOAUTH -> calls.get(path).thenApply(_ -> path);
                    default -> CompletableFuture.failedFuture(failure);
                });
    }

    private CompletableFuture<BootstrapData> readStored() {
        return calls.syncAndGet(paths.cluster())
                .thenCompose(cluster ->
                        calls.syncAndGet(paths.secret()).thenCompose(secret -> read(cluster.data(), secret.data())));
    }

    private static CompletableFuture<BootstrapData> read(byte[] settings, byte[] secret) {
        try {
            return CompletableFuture.completedFuture(
                    new BootstrapData(ZnodeJson.readSettings(settings), ZnodeJson.readSecret(secret)));
        } catch (ZnodeJson.UnreadableException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
