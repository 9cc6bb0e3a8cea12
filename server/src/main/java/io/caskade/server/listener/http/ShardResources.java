package io.caskade.server.listener.http;

import io.caskade.server.command.CommandHandler;
import io.caskade.server.metrics.RequestKind;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// The partitions, which are the shards of `/kv-store/shards`, and how many keys they have. Thread-safe.
final class ShardResources {

    private static final Pattern ID = Pattern.compile("0|[1-9]\\d{0,4}");

    private final CommandHandler handler;
    private final StoreJson json;
    private final HttpListener.Cluster cluster;

    /// A partition.
    ///
    /// @param keys how many it has
    /// @param nodes where its replicas are, the preferred one first
    record Shard(int id, long keys, List<String> nodes) {}

    ShardResources(CommandHandler handler, StoreJson json, HttpListener.Cluster cluster) {
        this.handler = handler;
        this.json = json;
        this.cluster = cluster;
    }

    /// How many keys all partitions have, as their leaders count them one by one.
    Operation keyCount(Request request) {
        requireGet(request);
        return Operation.withoutBody(
                RequestKind.COUNT,
                (_, _) -> all().thenApply(shards -> StoreJson.keyCount(
                        shards.stream().mapToLong(Shard::keys).sum())));
    }

    /// The ids of the partitions.
    Operation shards(Request request) {
        requireGet(request);
        return Operation.withoutBody(
                RequestKind.STATUS, (_, _) -> CompletableFuture.completedStage(StoreJson.shards(handler.partitions())));
    }

    /// All partitions: where their replicas are, and how many keys they have.
    CompletionStage<List<Shard>> all() {
        List<CompletableFuture<Shard>> all = IntStream.range(0, handler.partitions())
                .mapToObj(partition -> count(partition).toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
                .thenApply(_ -> all.stream().map(CompletableFuture::join).toList());
    }

    /// One partition: where its replicas are, and how many keys it has.
    ///
    /// @throws HttpFailure when there is none of this id
    Operation shard(Request request, String id) {
        requireGet(request);
        int partition = ID.matcher(id).matches() ? Integer.parseInt(id) : -1;
        if (partition < 0 || partition >= handler.partitions()) {
            throw new HttpFailure(ErrorCode.NOT_FOUND, "no such shard; there are 0 to " + (handler.partitions() - 1));
        }
        return Operation.withoutBody(
                RequestKind.COUNT, (_, _) -> count(partition).thenApply(json::shard));
    }

    private CompletionStage<Shard> count(int partition) {
        return handler.count(partition).thenApply(keys -> new Shard(partition, keys.value(), replicas(partition)));
    }

    private List<String> replicas(int partition) {
        return cluster.image()
                .get()
                .flatMap(image -> image.partition(partition))
                .map(state -> state.value().replicas())
                .orElse(List.of());
    }

    private static void requireGet(Request request) {
        if (!request.method().equals(Request.GET) && !request.method().equals(Request.HEAD)) {
            throw HttpFailure.methodNotAllowed(request.method(), "GET, HEAD");
        }
        request.target().requireOnly(Set.of());
    }
}
