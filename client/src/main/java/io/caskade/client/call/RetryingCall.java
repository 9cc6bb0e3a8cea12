package io.caskade.client.call;

import com.google.protobuf.MessageLite;
import io.caskade.api.CaskadeErrors;
import io.caskade.api.MessageLimits;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.Reply;
import io.caskade.client.routing.NoRouteException;
import io.caskade.client.routing.Route;
import io.caskade.client.routing.ZooKeeperUnreachableException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/// Executes one operation: finds the node to ask, sends the request, classifies a failure, and retries while
/// there is time and it is safe.
///
/// Attempts follow one another, each started by the end of the one before, so the fields need no lock. Only
/// `cancel` is also read by the thread that cancels the result.
///
/// @param <Q> the request
/// @param <A> the node's response
/// @param <R> the caller's result
final class RetryingCall<Q extends MessageLite, A, R> {

    /// Fails an attempt that was sent to a node that no longer leads.
    static final Status LEADER_CHANGED = Status.ABORTED.withDescription("another node leads the partition now");

    /// A larger request is sent alone, so that calls behind it in the stream need not wait.
    private static final int MAX_PIPELINED_BYTES = 64 << 10;

    /// How often an attempt that was sent alone checks for a new leader.
    private static final long LEADER_POLL_MILLIS = 50;

    private final ClusterConnection connection;
    private final CallSpec<Q, A, R> spec;
    private final long startNanos = System.nanoTime();
    private final long deadlineNanos;
    private final CompletableFuture<R> result = new CompletableFuture<>();

    /// Cancels the current attempt.
    private volatile @Nullable Runnable cancel;

    private int attempts;

    /// How many attempts in a row, up to the last, ended with the same error code.
    private int sameFailures;

    /// When the current attempt was sent.
    private long sentNanos = startNanos;

    /// The time that the fastest error from a node took, or 0 before there was one.
    private long fastestAnswerNanos;

    /// Whether an attempt may have taken effect.
    private boolean maybeApplied;

    private String problem = "no attempt was made";
    private ErrorCode lastCode = ErrorCode.ERROR_CODE_UNSPECIFIED;
    private @Nullable Throwable lastFailure;

    private RetryingCall(ClusterConnection connection, CallSpec<Q, A, R> spec) {
        this.connection = connection;
        this.spec = spec;
        this.deadlineNanos = startNanos + connection.limits().request().toNanos();
    }

    /// Starts an operation.
    ///
    /// @return fails with the exception for a [CallFailure]; canceling it cancels the current attempt
    static <Q extends MessageLite, A, R> CompletableFuture<R> start(
            ClusterConnection connection, CallSpec<Q, A, R> spec) {
        int bytes = spec.attempts().requestBytes();
        if (bytes > MessageLimits.MAX_REQUEST_BYTES) {
            // A node would break the connection, and leave the outcome open.
            return CompletableFuture.failedFuture(connection.exception(new CallFailure.Refused(
                    ErrorCode.ERROR_CODE_INVALID_ARGUMENT,
                    "this " + spec.name() + " of " + bytes + " bytes was not sent: a node reads at most "
                            + MessageLimits.MAX_REQUEST_BYTES,
                    null)));
        }
        RetryingCall<Q, A, R> call = new RetryingCall<>(connection, spec);
        var _ = call.result.whenComplete((_, _) -> call.cancelIfAbandoned());
        call.attempt();
        return call.result;
    }

    private void cancelIfAbandoned() {
        Runnable underway = cancel;
        if (underway != null && result.isCancelled()) {
            underway.run();
        }
    }

    private void attempt() {
        if (result.isDone()) {
            return;
        }
        long left = deadlineNanos - System.nanoTime();
        if (connection.isClosed()) {
            problem = "the client was closed";
            giveUp();
            return;
        }
        if (left <= fastestAnswerNanos) {
            // An attempt that ends before a node can answer would turn a refusal into an unknown outcome.
            giveUp();
            return;
        }
        attempts++;
        CompletableFuture<Route> route = spec.attempts().nextRoute(connection.directory());
        CompletableFuture<Route> inTime = route.isDone() ? route : route.copy().orTimeout(left, TimeUnit.NANOSECONDS);
        var _ = inTime.thenAccept(this::send).exceptionally(failure -> {
            onNoRoute(
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
            return null;
        });
    }

    private void onNoRoute(Throwable failure) {
        boolean outOfTime = failure instanceof TimeoutException
                && attempts > 1
                && connection.directory().isConnected();
        if (outOfTime) {
            // The caller needs to know why the earlier attempts failed, not that this one had no time left.
            giveUp();
            return;
        }
        recordFailure(failure, ErrorCode.ERROR_CODE_UNSPECIFIED);
        switch (failure) {
            case NoRouteException none -> retryLater(none.reason(), none.changed());
            case KeeperException refused ->
                retryLater("ZooKeeper says " + refused.getMessage(), new CompletableFuture<>());
            case TimeoutException _ -> {
                problem = connection.directory().unreachable().getMessage();
                giveUp();
            }
            case ZooKeeperUnreachableException unreachable -> {
                problem = unreachable.getMessage();
                giveUp();
            }
            // A bug in this program; the caller must still get an answer.
            default -> result.completeExceptionally(failure);
        }
    }

    private void send(Route route) {
        sentNanos = System.nanoTime();
        long left = Math.max(1, deadlineNanos - sentNanos);
        long share = left / (1 + spec.attempts().alternatives());
        long timeout = switch (spec.retries()) {
            case READ, REPEATABLE_WRITE ->
                Math.min(share, connection.limits().attempt().toNanos());
            case SINGLE_WRITE -> left;
        };
        Q request = spec.attempts().request(route, Duration.ofNanos(timeout));
        boolean small = request.getSerializedSize() <= MAX_PIPELINED_BYTES;
        cancel = spec.type()
                .pipelineCodec()
                .filter(_ -> small)
                .map(codec -> sendPipelined(route, request, timeout, codec))
                .orElseGet(() -> sendUnary(route, request, timeout));
        cancelIfAbandoned();
    }

    private Runnable sendPipelined(Route route, Q request, long timeout, CallType.PipelineCodec<Q, A> codec) {
        Call.Builder call = Call.newBuilder();
        codec.encode().accept(call, request);
        return connection
                .channels()
                .pipelineTo(route.endpoint())
                .send(call, System.nanoTime() + timeout, new PipelinedAttempt(route, codec));
    }

    private Runnable sendUnary(Route route, Q request, long timeout) {
        SendTracker tracker = new SendTracker();
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(timeout, TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(tracker);
        ClientCall<Q, A> call = connection
                .channels()
                .channelTo(route.endpoint())
                .newCall(spec.type().method(), options);
        UnaryAttempt attempt = new UnaryAttempt(route, tracker);
        ClientCalls.asyncUnaryCall(call, request, attempt);
        cancelOnLeaderChange(call, attempt, new LeaderChangeWatch(connection.directory(), route));
        return () -> call.cancel("the caller no longer waits", null);
    }

    private static void cancelOnLeaderChange(
            ClientCall<?, ?> call, RetryingCall<?, ?, ?>.UnaryAttempt attempt, LeaderChangeWatch watch) {
        CompletableFuture.delayedExecutor(LEADER_POLL_MILLIS, TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (attempt.isPending() && watch.poll(System.nanoTime())) {
                        call.cancel(null, LEADER_CHANGED.asException());
                    } else if (attempt.isPending()) {
                        cancelOnLeaderChange(call, attempt, watch);
                    }
                });
    }

    private void onResponse(Route route, A response) {
        if (maybeApplied && !spec.definite().test(response)) {
            problem = route + " answered that it did not apply, which an earlier attempt may explain";
            giveUp();
            return;
        }
        result.complete(spec.result().apply(response));
    }

    private void onFailure(Route route, Throwable failure, boolean maybeSent) {
        recordFailure(failure, CaskadeErrors.codeOf(failure));
        String description = describe(route, failure, maybeSent);
        invalidateIfDoubtful(route, maybeSent);
        switch (FailureKind.of(failure, maybeSent)) {
            case NOT_APPLIED -> retryLater(description, route.partitionChanged());
            case REFUSED -> {
                problem = description;
                giveUp();
            }
            case OUTCOME_UNKNOWN -> {
                switch (spec.retries()) {
                    case READ -> retryLater(description, route.partitionChanged());
                    case REPEATABLE_WRITE -> {
                        maybeApplied = true;
                        retryLater(description, route.partitionChanged());
                    }
                    case SINGLE_WRITE -> {
                        maybeApplied = true;
                        problem = description;
                        giveUp();
                    }
                }
            }
        }
    }

    private void recordFailure(Throwable failure, ErrorCode code) {
        sameFailures = sameFailures > 0 && code == lastCode ? sameFailures + 1 : 1;
        lastFailure = failure;
        lastCode = code;
        if (code != ErrorCode.ERROR_CODE_UNSPECIFIED) {
            long took = System.nanoTime() - sentNanos;
            fastestAnswerNanos = fastestAnswerNanos == 0 ? took : Math.min(fastestAnswerNanos, took);
        }
    }

    /// Invalidates a route when the failure casts doubt on it, rather than on the request or the load.
    private void invalidateIfDoubtful(Route route, boolean maybeSent) {
        switch (lastCode) {
            case ERROR_CODE_INVALID_ARGUMENT,
                    ERROR_CODE_WRONG_VALUE,
                    ERROR_CODE_OVERFLOW,
                    ERROR_CODE_NOT_ENOUGH_REPLICAS,
                    ERROR_CODE_BUSY,
                    ERROR_CODE_DISK_FULL,
                    ERROR_CODE_KEYDIR_FULL,
                    ERROR_CODE_BEHIND_CONTEXT,
                    ERROR_CODE_CONTEXT_LOST -> {}
            case ERROR_CODE_NOT_LEADER, ERROR_CODE_NOT_SERVING, ERROR_CODE_OUTCOME_UNKNOWN, ERROR_CODE_COPY_FENCED ->
                connection.directory().invalidate(route);
            case ERROR_CODE_UNSPECIFIED, UNRECOGNIZED -> {
                connection.directory().invalidate(route);
                if (!maybeSent) {
                    connection.channels().reconnect(route.endpoint());
                }
            }
        }
    }

    private String describe(Route route, Throwable failure, boolean maybeSent) {
        Status status = Status.fromThrowable(failure);
        if (lastCode != ErrorCode.ERROR_CODE_UNSPECIFIED) {
            return route + ", answered " + CaskadeErrors.nameOf(lastCode) + ": " + status.getDescription();
        }
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return route + (maybeSent ? ", did not answer in time" : ", could not be connected to in time");
        }
        if (status.getCode() == LEADER_CHANGED.getCode()) {
            return route + ", did not answer, and " + LEADER_CHANGED.getDescription();
        }
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return route + ", could not be asked: " + root.getMessage();
    }

    /// Schedules the next attempt after a pause, which ends early when the partition's state changes. If it
    /// has changed already, the next read sees it, so the shortest pause will do; it is still needed in case
    /// nothing can be read. Where another node can be asked, there is no pause.
    private void retryLater(String description, CompletableFuture<Void> changed) {
        problem = description;
        if (spec.attempts().alternatives() > 0) {
            attemptOrFail();
            return;
        }
        long left = deadlineNanos - System.nanoTime();
        Duration pause = backoff().after(changed.isDone() ? 1 : sameFailures);
        CompletableFuture<Void> elapsed = new CompletableFuture<>();
        elapsed.completeOnTimeout(null, Math.clamp(left, 0, pause.toNanos()), TimeUnit.NANOSECONDS);
        CompletableFuture<?> next = changed.isDone() ? elapsed : CompletableFuture.anyOf(elapsed, changed);
        var _ = next.thenRunAsync(this::attemptOrFail);
    }

    /// An overloaded node, or one that waits for its followers, needs longer pauses than a partition that is
    /// about to have a leader.
    private Backoff backoff() {
        return switch (lastCode) {
            case ERROR_CODE_BUSY, ERROR_CODE_NOT_ENOUGH_REPLICAS -> connection.overloadBackoff();
            case ERROR_CODE_UNSPECIFIED,
                    ERROR_CODE_INVALID_ARGUMENT,
                    ERROR_CODE_WRONG_VALUE,
                    ERROR_CODE_OVERFLOW,
                    ERROR_CODE_NOT_LEADER,
                    ERROR_CODE_NOT_SERVING,
                    ERROR_CODE_DISK_FULL,
                    ERROR_CODE_KEYDIR_FULL,
                    ERROR_CODE_OUTCOME_UNKNOWN,
                    ERROR_CODE_COPY_FENCED,
                    ERROR_CODE_BEHIND_CONTEXT,
                    ERROR_CODE_CONTEXT_LOST,
                    UNRECOGNIZED -> connection.routeBackoff();
        };
    }

    private void attemptOrFail() {
        try {
            attempt();
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    private void giveUp() {
        result.completeExceptionally(connection.exception(failure()));
    }

    private CallFailure failure() {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        String tried = attempts > 1 ? " (" + attempts + " attempts in " + millis + "ms)" : "";
        if (maybeApplied) {
            return new CallFailure.OutcomeUnknown(
                    "the outcome of this " + spec.name() + " is unknown: " + problem + tried
                            + "; read the key to see whether it took effect",
                    lastFailure);
        }
        return lastCode != ErrorCode.ERROR_CODE_UNSPECIFIED || isRefusal(lastFailure)
                ? new CallFailure.Refused(lastCode, problem + tried, lastFailure)
                : new CallFailure.Unreachable(problem + tried, lastFailure);
    }

    private static boolean isRefusal(@Nullable Throwable failure) {
        return failure instanceof StatusRuntimeException && FailureKind.of(failure, false) == FailureKind.REFUSED;
    }

    /// An attempt that shares a stream with others.
    private final class PipelinedAttempt implements PipelinedCall.Callback {

        private final Route route;
        private final CallType.PipelineCodec<Q, A> codec;
        private final LeaderChangeWatch watch;

        PipelinedAttempt(Route route, CallType.PipelineCodec<Q, A> codec) {
            this.route = route;
            this.codec = codec;
            this.watch = new LeaderChangeWatch(connection.directory(), route);
        }

        @Override
        public boolean pollLeaderChange(long nowNanos) {
            return watch.poll(nowNanos);
        }

        @Override
        public void onReply(Reply reply) {
            try {
                onResponse(route, codec.decode().apply(reply));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }

        @Override
        public void onFailure(StatusRuntimeException failure, boolean maybeSent) {
            try {
                RetryingCall.this.onFailure(route, failure, maybeSent);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }
    }

    /// An attempt that was sent alone.
    private final class UnaryAttempt implements StreamObserver<A> {

        private final Route route;
        private final SendTracker tracker;
        private @Nullable A response;
        private volatile boolean ended;

        UnaryAttempt(Route route, SendTracker tracker) {
            this.route = route;
            this.tracker = tracker;
        }

        @Override
        public void onNext(A value) {
            response = value;
        }

        boolean isPending() {
            return !ended;
        }

        @Override
        public void onError(Throwable failure) {
            ended = true;
            try {
                onFailure(route, failure, tracker.maybeSent());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }

        @Override
        public void onCompleted() {
            ended = true;
            A complete = response;
            if (complete == null) {
                onError(Status.INTERNAL
                        .withDescription("a response without a message")
                        .asRuntimeException());
                return;
            }
            try {
                onResponse(route, complete);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }
    }
}
