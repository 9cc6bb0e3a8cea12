package io.caskade.client;

import io.caskade.api.KeySlots;
import io.caskade.api.v1.ClusterSettings;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.api.v1.PartitionState;
import io.caskade.client.WatchedZnodes.Seen;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.zookeeper.KeeperException;

/// Who leads which partition and where to find them, as ZooKeeper has it. Reads no more than a call needs, the
/// first time it is needed; what was read is kept fresh by watches.
///
/// Safe for use by any thread.
final class ClusterDirectory {

    private static final String SETTINGS = "/cluster";
    private static final String NODES = "/nodes";
    private static final String PARTITIONS = "/partitions";
    private static final String CONTROLLER = "/controller";
    private static final String DRAINING = "/draining";
    private static final int ELECTION_SEQUENCE_DIGITS = 10;

    private final ZooKeeperLink zookeeper;
    private final WatchedZnodes<ClusterSettings> settings;
    private final WatchedZnodes<PartitionState> partitions;
    private final WatchedZnodes<NodeRegistration> nodes;

    ClusterDirectory(ZooKeeperLink zookeeper) {
        this.zookeeper = zookeeper;
        this.settings = new WatchedZnodes<>(zookeeper, ClusterSettings.getDefaultInstance());
        this.partitions = new WatchedZnodes<>(zookeeper, PartitionState.getDefaultInstance());
        this.nodes = new WatchedZnodes<>(zookeeper, NodeRegistration.getDefaultInstance());
    }

    /// How many partitions there are; fails with [NoRouteException] while no cluster has been formed.
    CompletableFuture<Integer> partitionCount() {
        return settings().thenApply(seen -> seen.message().getPartitions());
    }

    /// Where calls for a key go; fails with [NoRouteException] while nobody would take them.
    CompletableFuture<Route> routeOf(byte[] key) {
        return partitionCount().thenCompose(count -> routeTo(KeySlots.partitionOf(key, count)));
    }

    /// Where calls for a partition go; fails with [NoRouteException] while nobody would take them.
    CompletableFuture<Route> routeTo(int partition) {
        return orNoRoute(
                        partitions.get(PARTITIONS + "/" + partition),
                        () -> new NoRouteException("partition " + partition + " does not exist"))
                .thenCompose(this::routeTo);
    }

    private CompletableFuture<Route> routeTo(Seen<PartitionState> seen) {
        PartitionState partition = seen.message();
        String prefix = "partition " + partition.getId();
        if (!partition.hasLeader()) {
            return CompletableFuture.failedFuture(new NoRouteException(prefix + " has no leader", seen.changed()));
        }
        String leader = partition.getLeader().getNode();
        return orNoRoute(
                        nodes.get(NODES + "/" + leader),
                        () -> new NoRouteException(prefix + " is led by " + leader + ", which is away", seen.changed()))
                .thenApply(node -> checked(new Route(seen, node)));
    }

    /// The route, if its leader is the very process that leads and takes calls.
    private Route checked(Route route) {
        NodeRegistration node = route.leader().message();
        PartitionState partition = route.partition().message();
        if (!node.getIncarnation().equals(partition.getLeader().getIncarnation())) {
            doubt(route);
            throw new NoRouteException(
                    "partition " + partition.getId() + " was led by " + node.getId()
                            + " until it restarted, and by nobody since",
                    route.partition().changed());
        }
        if (!node.hasGrpc()) {
            doubt(route);
            throw new NoRouteException(
                    "partition " + partition.getId() + " is led by " + node.getId() + ", which has no gRPC endpoint",
                    route.leader().changed());
        }
        return route;
    }

    private CompletableFuture<Seen<ClusterSettings>> settings() {
        return orNoRoute(settings.get(SETTINGS), () -> new NoRouteException(zookeeper.noCluster()));
    }

    /// Whether it is known that another process leads the partition than when the route was chosen.
    boolean isLedElsewhere(Route route) {
        return route.partition().changed().isDone()
                && partitions
                        .known(route.partition().path())
                        .map(Seen::message)
                        .filter(now -> now.hasLeader() && !now.getLeader().equals(route.leads()))
                        .isPresent();
    }

    /// Has the two decisions behind a route read again before the next one is chosen, unless they already were.
    void doubt(Route route) {
        partitions.doubt(route.partition());
        nodes.doubt(route.leader());
    }

    /// Everything there is to see; fails with [NoRouteException] while no cluster has been formed.
    CompletableFuture<ClusterView> view() {
        return settings().thenCompose(seen -> {
            ClusterSettings found = seen.message();
            CompletableFuture<Optional<String>> controller = controller();
            CompletableFuture<List<NodeRegistration>> registered = registered();
            CompletableFuture<List<String>> draining = draining();
            return messages(IntStream.range(0, found.getPartitions())
                            .mapToObj(partition -> partitions.get(PARTITIONS + "/" + partition)))
                    .thenCompose(states -> CompletableFuture.allOf(registered, controller, draining)
                            .thenApply(_ -> Messages.view(
                                    found, controller.join(), registered.join(), states, draining.join())));
        });
    }

    private CompletableFuture<List<String>> draining() {
        return orEmpty(zookeeper.children(DRAINING))
                .thenApply(names -> names.orElse(List.of()).stream().sorted().toList());
    }

    private CompletableFuture<List<NodeRegistration>> registered() {
        return orEmpty(zookeeper.children(NODES))
                .thenCompose(names ->
                        messages(names.orElse(List.of()).stream().sorted().map(name -> nodes.get(NODES + "/" + name))));
    }

    /// The candidate that stands first in the election's queue.
    private CompletableFuture<Optional<String>> controller() {
        return orEmpty(zookeeper.children(CONTROLLER))
                .thenCompose(candidates -> candidates.orElse(List.of()).stream()
                        .filter(name -> name.length() >= ELECTION_SEQUENCE_DIGITS)
                        .min(Comparator.comparing(name -> name.substring(name.length() - ELECTION_SEQUENCE_DIGITS)))
                        .map(first -> orEmpty(zookeeper.data(CONTROLLER + "/" + first, () -> {}))
                                .thenApply(data -> data.map(id -> new String(id, StandardCharsets.UTF_8))
                                        .filter(id -> !id.isEmpty())))
                        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty())));
    }

    /// The messages that are there, in order.
    private static <M> CompletableFuture<List<M>> messages(Stream<CompletableFuture<Seen<M>>> readings) {
        List<CompletableFuture<Optional<Seen<M>>>> found =
                readings.map(ClusterDirectory::orEmpty).toList();
        return CompletableFuture.allOf(found.toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> found.stream()
                        .flatMap(reading -> reading.join().stream())
                        .map(Seen::message)
                        .toList());
    }

    private static <T> CompletableFuture<Optional<T>> orEmpty(CompletableFuture<T> reading) {
        return reading.thenApply(Optional::of)
                .exceptionallyCompose(failure -> isNoNode(failure)
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : CompletableFuture.failedFuture(failure));
    }

    private static <T> CompletableFuture<T> orNoRoute(
            CompletableFuture<T> reading, Supplier<NoRouteException> otherwise) {
        if (reading.isDone() && !reading.isCompletedExceptionally()) {
            return reading;
        }
        return reading.exceptionallyCompose(
                failure -> CompletableFuture.failedFuture(isNoNode(failure) ? otherwise.get() : failure));
    }

    private static boolean isNoNode(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KeeperException.NoNodeException;
    }
}
