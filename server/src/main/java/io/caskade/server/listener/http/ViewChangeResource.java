package io.caskade.server.listener.http;

import io.caskade.server.admin.AdminOperations;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.controller.MoveGoal;
import io.caskade.server.controller.MovePlan;
import io.caskade.server.metrics.RequestKind;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Which nodes keep copies, and how many: changed at `/kv-store/view-change`. The controller carries it out;
/// the request waits a little for that. Asked again, it goes on waiting. Thread-safe.
final class ViewChangeResource {

    private static final String PUT = "PUT";
    private static final int MAX_BODY_BYTES = 256 << 10;
    private static final Operation.Body BODY =
            new Operation.Body(MAX_BODY_BYTES, "the body is longer than " + MAX_BODY_BYTES + " bytes");

    /// Small stores are moved by then, and clients wait so long.
    private static final long WAIT_SECONDS = 10;

    private static final long POLL_MILLIS = 100;

    private final AdminOperations admin;
    private final ShardResources shards;
    private final StoreJson json;
    private final HttpListener.Cluster cluster;
    private final Executor threads;
    private final LongSupplier nanoTime;

    /// @param threads looks from time to time how far the moves are
    /// @param nanoTime the monotonic clock
    ViewChangeResource(
            AdminOperations admin,
            ShardResources shards,
            StoreJson json,
            HttpListener.Cluster cluster,
            Executor threads,
            LongSupplier nanoTime) {
        this.admin = admin;
        this.shards = shards;
        this.json = json;
        this.cluster = cluster;
        this.threads = threads;
        this.nanoTime = nanoTime;
    }

    /// The operation of a request.
    ///
    /// @throws HttpFailure when there is no such method
    Operation operation(Request request) {
        if (!request.method().equals(PUT)) {
            throw HttpFailure.methodNotAllowed(request.method(), PUT);
        }
        request.target().requireOnly(Set.of());
        return new Operation(RequestKind.VIEW_CHANGE, BODY, (bytes, _) -> {
            ViewBody body = ViewBody.parse(bytes).orElseThrow(() -> invalid("Failed to parse request body"));
            MoveGoal.View goal = goal(body);
            long deadline = nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
            return begin(goal)
                    .thenCompose(_ -> await(goal, deadline))
                    .exceptionallyCompose(failure -> CompletableFuture.failedStage(storeFailure(failure)));
        });
    }

    private CompletionStage<MovePlan> begin(MoveGoal.View goal) {
        try {
            return admin.move(goal);
        } catch (CommandRefusedException refused) {
            return CompletableFuture.failedStage(refused);
        }
    }

    /// @throws HttpFailure when the body does not say which nodes, or how many copies
    private MoveGoal.View goal(ViewBody body) {
        if (body.addresses().isEmpty()) {
            throw invalid("View is missing");
        }
        if (body.copies() < 1) {
            throw invalid("Replication factor is missing");
        }
        Map<String, String> nodes = nodesByAddress();
        TreeSet<String> view = new TreeSet<>();
        for (String address : body.addresses()) {
            String node = nodes.get(address.strip());
            if (node == null) {
                throw new HttpFailure(StoreJson.error(
                        ErrorCode.INVALID_ARGUMENT,
                        "View is unknown",
                        PUT,
                        "no node listens for HTTP at " + address + "; nodes listen at "
                                + String.join(", ", nodes.keySet())));
            }
            view.add(node);
        }
        return new MoveGoal.View(view, body.copies());
    }

    private Map<String, String> nodesByAddress() {
        Map<String, String> nodes = new TreeMap<>();
        cluster.image().get().map(ClusterImage::nodes).ifPresent(registered -> {
            for (NodeInfo node : registered.values()) {
                if (node.http() != null) {
                    nodes.put(node.http().toString(), node.id());
                }
            }
        });
        return nodes;
    }

    private CompletionStage<Response> await(MoveGoal.View goal, long deadline) {
        MovePlan left = admin.plan(goal);
        int moves = left.moves().size() + left.inProgress().size();
        if (left.isEmpty() && moves == 0) {
            return shards.all().thenApply(json::viewChanged);
        }
        if (nanoTime.getAsLong() >= deadline) {
            return CompletableFuture.completedStage(StoreJson.viewChanging(moves));
        }
        return CompletableFuture.supplyAsync(
                        () -> await(goal, deadline),
                        CompletableFuture.delayedExecutor(POLL_MILLIS, TimeUnit.MILLISECONDS, threads))
                .thenCompose(stage -> stage);
    }

    private static Throwable storeFailure(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null -> storeFailure(wrapped.getCause());
            case CommandRefusedException refused
            when refused.reason() == Reason.INVALID_ARGUMENT ->
                new HttpFailure(StoreJson.error(
                        ErrorCode.INVALID_ARGUMENT, "View change is not possible", PUT, refused.getMessage()));
            case CommandRefusedException refused ->
                new HttpFailure(StoreJson.error(
                        ErrorCode.of(refused.reason()), "Unable to satisfy request", PUT, refused.getMessage()));
            default -> failure;
        };
    }

    private static HttpFailure invalid(String error) {
        return new HttpFailure(StoreJson.error(ErrorCode.INVALID_ARGUMENT, error, PUT, null));
    }
}
