package io.caskade.client.routing;

import io.caskade.api.KeySlots;
import io.caskade.api.v1.ClusterSettings;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.api.v1.PartitionState;
import io.caskade.client.routing.ZnodeCache.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/// Finds the leader and the replicas of each partition in ZooKeeper. Reads only what a call needs, on first
/// use; watches keep it fresh.
///
/// Thread-safe.
public final class ClusterMetadataCache implements AutoCloseable {

    private static final String SETTINGS = "/cluster";
    private static final String NODES = "/nodes";
    private static final String PARTITIONS = "/partitions";
    private static final String CONTROLLER = "/controller";
    private static final String DRAINING = "/draining";
    private static final int ELECTION_SEQUENCE_DIGITS = 10;

    private final ZooKeeperConnection zookeeper;
    private final ZnodeCache<ClusterSettings> settings;
    private final ZnodeCache<PartitionState> partitions;
    private final ZnodeCache<NodeRegistration> nodes;

    /// The last route to each partition's leader: most calls go the way of the one before.
    private final ConcurrentMap<Integer, CompletableFuture<Route>> leaderRoutes = new ConcurrentHashMap<>();

    private volatile @Nullable PartitionCount lastCount;

    /// How many partitions there are, by one reading of the settings.
    private record PartitionCount(Snapshot<ClusterSettings> settings, CompletableFuture<Integer> count) {}

    /// Starts connecting to ZooKeeper and returns at once.
    public ClusterMetadataCache(ZooKeeperTarget target) {
        this.zookeeper = new ZooKeeperConnection(target);
        this.settings = new ZnodeCache<>(zookeeper, ClusterSettings.getDefaultInstance());
        this.partitions = new ZnodeCache<>(zookeeper, PartitionState.getDefaultInstance());
        this.nodes = new ZnodeCache<>(zookeeper, NodeRegistration.getDefaultInstance());
    }

    /// How many partitions there are; fails with [NoRouteException] while no cluster has been formed.
    public CompletableFuture<Integer> partitionCount() {
        PartitionCount last = lastCount;
        return last != null && settings.isCurrent(last.settings())
                ? last.count()
                : settings().thenCompose(snapshot -> {
                    CompletableFuture<Integer> count =
                            CompletableFuture.completedFuture(snapshot.message().getPartitions());
                    lastCount = new PartitionCount(snapshot, count);
                    return count;
                });
    }

    /// Where calls for a key go; fails with [NoRouteException] while no node serves them.
    public CompletableFuture<Route> routeForKey(byte[] key) {
        return partitionCount().thenCompose(count -> routeForPartition(KeySlots.partitionOf(key, count)));
    }

    /// Where calls for a partition go; fails with [NoRouteException] while no node serves them.
    public CompletableFuture<Route> routeForPartition(int partition) {
        CompletableFuture<Route> last = leaderRoutes.get(partition);
        return last != null && isCurrent(last.resultNow())
                ? last
                : partition(partition).thenCompose(this::routeToLeader).thenCompose(route -> {
                    CompletableFuture<Route> found = CompletableFuture.completedFuture(route);
                    leaderRoutes.put(partition, found);
                    return found;
                });
    }

    private boolean isCurrent(Route route) {
        return partitions.isCurrent(route.partition()) && nodes.isCurrent(route.node());
    }

    private CompletableFuture<Snapshot<PartitionState>> partition(int partition) {
        return orNoRoute(
                partitions.get(PARTITIONS + "/" + partition),
                () -> new NoRouteException("partition " + partition + " does not exist"));
    }

    private CompletableFuture<Route> routeToLeader(Snapshot<PartitionState> snapshot) {
        PartitionState partition = snapshot.message();
        String prefix = "partition " + partition.getId();
        if (!partition.hasLeader()) {
            return CompletableFuture.failedFuture(new NoRouteException(prefix + " has no leader", snapshot.changed()));
        }
        String leader = partition.getLeader().getNode();
        return orNoRoute(
                        nodes.get(NODES + "/" + leader),
                        () -> new NoRouteException(
                                prefix + " is led by " + leader + ", which is offline", snapshot.changed()))
                .thenApply(node -> verified(Route.toLeader(snapshot, node)));
    }

    /// The route, if the registered process is the one that leads and it serves gRPC.
    private Route verified(Route route) {
        NodeRegistration node = route.node().message();
        PartitionState partition = route.partition().message();
        if (!node.getIncarnation().equals(partition.getLeader().getIncarnation())) {
            invalidate(route);
            throw new NoRouteException(
                    "partition " + partition.getId() + " was led by " + node.getId()
                            + " until it restarted, and has no leader since",
                    route.partition().changed());
        }
        if (!node.hasGrpc()) {
            invalidate(route);
            throw new NoRouteException(
                    "partition " + partition.getId() + " is led by " + node.getId() + ", which has no gRPC endpoint",
                    route.node().changed());
        }
        return route;
    }

    /// Where reads of a key may go that any replica may answer, at least one node: the followers that are in
    /// sync in random order, then the leader, then replicas that are behind. Fails with [NoRouteException]
    /// while no node that keeps one is registered.
    public CompletableFuture<List<Route>> replicaRoutesForKey(byte[] key) {
        return partitionCount()
                .thenCompose(count -> partition(KeySlots.partitionOf(key, count)))
                .thenCompose(this::replicaRoutes);
    }

    private CompletableFuture<List<Route>> replicaRoutes(Snapshot<PartitionState> snapshot) {
        PartitionState partition = snapshot.message();
        List<CompletableFuture<Optional<Route>>> found = ReplicaOrder.of(partition).stream()
                .map(id -> orEmpty(nodes.get(NODES + "/" + id))
                        .thenApply(node -> node.filter(each -> each.message().hasGrpc())
                                .map(each -> Route.toReplica(snapshot, each))))
                .toList();
        return CompletableFuture.allOf(found.toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> {
                    List<Route> routes = found.stream()
                            .flatMap(route -> route.join().stream())
                            .toList();
                    if (routes.isEmpty()) {
                        throw new NoRouteException(
                                "no node that keeps a replica of partition " + partition.getId() + " is online",
                                snapshot.changed());
                    }
                    return routes;
                });
    }

    private CompletableFuture<Snapshot<ClusterSettings>> settings() {
        return orNoRoute(settings.get(SETTINGS), () -> new NoRouteException(zookeeper.noClusterMessage()));
    }

    /// Whether another process is known to lead the partition now than when the route was chosen. Starts
    /// reading a partition that has changed, so a later call may know more. Does not matter to a route that was
    /// not chosen for the leader.
    public boolean hasNewLeader(Route route) {
        return route.isToLeader()
                && route.partition().changed().isDone()
                && partitions
                        .getNow(route.partition().path())
                        .map(Snapshot::message)
                        .filter(now -> now.hasLeader() && !now.getLeader().equals(route.leader()))
                        .isPresent();
    }

    /// Drops what a route was derived from, so that the next route is read again, unless it already was.
    public void invalidate(Route route) {
        partitions.invalidate(route.partition());
        nodes.invalidate(route.node());
    }

    /// Everything ZooKeeper holds about the cluster; fails with [NoRouteException] while no cluster has been
    /// formed.
    public CompletableFuture<ClusterMetadata> metadata() {
        return settings().thenCompose(snapshot -> {
            ClusterSettings found = snapshot.message();
            CompletableFuture<Optional<String>> controller = controller();
            CompletableFuture<List<NodeRegistration>> registered = registered();
            CompletableFuture<List<String>> draining = draining();
            return messages(IntStream.range(0, found.getPartitions())
                            .mapToObj(partition -> partitions.get(PARTITIONS + "/" + partition)))
                    .thenCompose(states -> CompletableFuture.allOf(registered, controller, draining)
                            .thenApply(_ -> new ClusterMetadata(
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

    /// The first candidate in the election's queue.
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
    private static <M> CompletableFuture<List<M>> messages(Stream<CompletableFuture<Snapshot<M>>> readings) {
        List<CompletableFuture<Optional<Snapshot<M>>>> found =
                readings.map(ClusterMetadataCache::orEmpty).toList();
        return CompletableFuture.allOf(found.toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> found.stream()
                        .flatMap(reading -> reading.join().stream())
                        .map(Snapshot::message)
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

    /// Whether ZooKeeper answers, as far as is known.
    public boolean isConnected() {
        return zookeeper.isConnected();
    }

    /// The failure to report when ZooKeeper does not answer.
    public ZooKeeperUnreachableException unreachable() {
        return zookeeper.unreachable();
    }

    /// Ends the session. Outstanding reads are never answered.
    @Override
    public void close() {
        zookeeper.close();
    }
}
