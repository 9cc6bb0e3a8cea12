package io.caskade.server.listener.http;

import io.caskade.server.admin.AdminOperations;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.metrics.NodeMetrics;
import io.caskade.server.metrics.RequestKind;
import io.caskade.server.replica.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// What tools ask a node: `/healthz`, `/readyz`, `/metrics` and `/openapi.json`. Thread-safe.
final class StatusResources {

    private static final String METHODS = "GET, HEAD";

    private final AdminOperations admin;
    private final NodeMetrics metrics;
    private final Executor threads;
    private final byte[] openApi;

    private volatile ServingState state = ServingState.STARTING;
    private volatile boolean inSync;

    /// Whether the node serves.
    enum ServingState {
        STARTING,
        SERVING,
        STOPPING
    }

    /// @param threads for what takes long
    StatusResources(AdminOperations admin, NodeMetrics metrics, Executor threads) {
        this.admin = admin;
        this.metrics = metrics;
        this.threads = threads;
        this.openApi = resource("openapi.json");
    }

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(StatusResources.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }

    void setState(ServingState newState) {
        state = newState;
    }

    void setInSync(boolean all) {
        inSync = all;
    }

    /// Whether the process lives: an answer says so.
    Operation health(Request request) {
        requireRead(request);
        return Operation.withoutBody(
                RequestKind.STATUS, (_, _) -> CompletableFuture.completedStage(Response.json(Json.health())));
    }

    /// Whether each copy of the node leads or is in sync.
    Operation readiness(Request request) {
        requireRead(request);
        return Operation.withoutBody(
                RequestKind.STATUS,
                (_, _) -> admin.describe()
                        .handle(
                                (status, failure) -> readiness(
                                        failure == null
                                                ? status.copies().stream()
                                                        .flatMap(copy -> problem(copy).stream())
                                                        .toList()
                                                : List.of(
                                                        "a copy does not say how it is: its disk may hang; see the node's log"))));
    }

    private Response readiness(List<String> problems) {
        List<String> reasons = switch (state) {
            case STARTING -> List.of("the node is starting");
            case STOPPING -> List.of("the node is stopping");
            case SERVING ->
                problems.isEmpty() && !inSync
                        ? List.of("a copy that is assigned to this node is not in sync yet")
                        : problems;
        };
        byte[] body = Json.readiness(reasons);
        return reasons.isEmpty() ? Response.json(body) : Response.unavailable(body);
    }

    private static Optional<String> problem(CopyStatus copy) {
        String where = "partition " + copy.partition() + ": ";
        return switch (copy.role()) {
            case Role.Leader _ -> Optional.empty();
            case Role.Follower _ when copy.inSync() && copy.problem().isEmpty() -> Optional.empty();
            case Role.Follower _ when copy.problem().isEmpty() -> Optional.of(where + "not in sync");
            case Role.Candidate _, Role.PendingLeader _ -> Optional.of(where + "an election is in progress");
            case Role.Transferring _, Role.Resigned _ -> Optional.of(where + "its leadership is being transferred");
            case Role.Stopped _ -> Optional.of(where + "stopped");
            case Role.Rebuilding _ -> Optional.of(where + "being rebuilt");
            case Role.Follower _, Role.Fenced _ -> Optional.of(where + copy.problem());
        };
    }

    Operation metrics(Request request) {
        requireRead(request);
        return Operation.withoutBody(
                RequestKind.STATUS,
                (_, _) -> metrics.scrape(threads)
                        .thenApply(scraped -> Response.content(NodeMetrics.CONTENT_TYPE, scraped)));
    }

    /// The description of this listener.
    Operation openApi(Request request) {
        requireRead(request);
        return Operation.withoutBody(
                RequestKind.STATUS,
                (_, _) -> CompletableFuture.completedStage(Response.content(Response.JSON, openApi)));
    }

    private static void requireRead(Request request) {
        if (!request.method().equals(Request.GET) && !request.method().equals(Request.HEAD)) {
            throw HttpFailure.methodNotAllowed(request.method(), METHODS);
        }
    }
}
