package io.caskade.client;

import com.google.protobuf.MessageLite;
import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.Reply;
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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/// One operation, from its first attempt to its answer: finds the leader, asks it, judges what comes back,
/// and asks again as long as there is time and it does no harm.
///
/// Attempts follow one another, each started by the end of the one before, so the fields need no lock;
/// `cancel` alone is also read by whoever cancels the result.
///
/// @param <Q> the request
/// @param <A> the node's answer
/// @param <R> the caller's result
final class Operation<Q extends MessageLite, A, R> {

    /// A request that is longer goes by itself: those behind it would wait.
    private static final int LARGEST_TO_SHARE_A_STREAM = 64 << 10;

    /// How an attempt ends that was sent to a node that leads no more.
    static final Status SUPERSEDED = Status.ABORTED.withDescription("another node leads the partition now");

    /// So often it is looked whether an attempt that went by itself has been superseded.
    private static final long LOOK_MILLIS = 50;

    private final Connections connections;
    private final Task<Q, A, R> task;
    private final long startNanos = System.nanoTime();
    private final long deadlineNanos;
    private final CompletableFuture<R> result = new CompletableFuture<>();

    /// Gives up the attempt under way.
    private volatile @Nullable Runnable cancel;
    private int attempts;
    /// How many attempts have ended alike, the last one and those right before it.
    private int alike;
    /// Whether some attempt may have had its effect.
    private boolean effectPossible;
    private String trouble = "no attempt was made";
    private ErrorCode lastCode = ErrorCode.ERROR_CODE_UNSPECIFIED;
    private @Nullable Throwable lastFailure;

    /// What is to be done.
    ///
    /// @param name     what people call it
    /// @param kind     the kind of call
    /// @param request  what is sent, the same at each attempt
    /// @param route    where an attempt goes
    /// @param repeat   whether it may be repeated when an attempt's outcome is unknown
    /// @param definite whether an answer that follows such an attempt tells the outcome
    /// @param result   what the caller gets of the answer
    record Task<Q extends MessageLite, A, R>(
            String name,
            Kind<Q, A> kind,
            Q request,
            Supplier<CompletableFuture<Route>> route,
            Repeat repeat,
            Predicate<A> definite,
            Function<A, R> result) {}

    private Operation(Connections connections, Task<Q, A, R> task) {
        this.connections = connections;
        this.task = task;
        this.deadlineNanos = startNanos + connections.config().requestTimeout().toNanos();
    }

    /// Starts an operation.
    ///
    /// @return fails with a [CaskadeException]; cancelling it cancels the attempt that is under way
    static <Q extends MessageLite, A, R> CompletableFuture<R> start(Connections connections, Task<Q, A, R> task) {
        Operation<Q, A, R> operation = new Operation<>(connections, task);
        var _ = operation.result.whenComplete((_, _) -> operation.cancelCall());
        operation.attempt();
        return operation.result;
    }

    private void cancelCall() {
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
        if (connections.closed()) {
            trouble = "the client was closed";
            giveUp();
            return;
        }
        if (left <= 0) {
            giveUp();
            return;
        }
        attempts++;
        CompletableFuture<Route> route = task.route().get();
        CompletableFuture<Route> inTime = route.isDone() ? route : route.copy().orTimeout(left, TimeUnit.NANOSECONDS);
        var _ = inTime.thenAccept(this::send).exceptionally(failure -> {
            unrouted(
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
            return null;
        });
    }

    private void unrouted(Throwable failure) {
        boolean cutShort = failure instanceof TimeoutException
                && attempts > 1
                && connections.zookeeper().connected();
        if (cutShort) {
            // What the attempts before failed of is what the caller has to know.
            giveUp();
            return;
        }
        ended(failure, ErrorCode.ERROR_CODE_UNSPECIFIED);
        switch (failure) {
            case NoRouteException none -> pause(none.reason(), none.changed());
            case KeeperException refused -> pause("ZooKeeper says " + refused.getMessage(), new CompletableFuture<>());
            case TimeoutException _ -> {
                trouble = connections.zookeeper().silence().getMessage();
                giveUp();
            }
            case UnreachableException unreachable -> {
                trouble = unreachable.getMessage();
                giveUp();
            }
            // A mistake of this program; whoever waits must hear of it.
            default -> result.completeExceptionally(failure);
        }
    }

    private void send(Route route) {
        long left = Math.max(1, deadlineNanos - System.nanoTime());
        long patience = switch (task.repeat()) {
            case READ, WRITE_AGAIN ->
                Math.min(left, connections.config().attemptTimeout().toNanos());
            case WRITE_ONCE -> left;
        };
        boolean small = task.request().getSerializedSize() <= LARGEST_TO_SHARE_A_STREAM;
        cancel = task.kind()
                .envelope()
                .filter(_ -> small)
                .map(envelope -> sendWithOthers(route, patience, envelope))
                .orElseGet(() -> sendAlone(route, patience));
        cancelCall();
    }

    private Runnable sendWithOthers(Route route, long patience, Kind.Envelope<Q, A> envelope) {
        Call.Builder call = Call.newBuilder();
        envelope.enclose().accept(call, task.request());
        return connections
                .channels()
                .pipelineTo(route.endpoint())
                .send(call, System.nanoTime() + patience, new PipelinedAnswer(route, envelope));
    }

    private Runnable sendAlone(Route route, long patience) {
        Departure departure = new Departure();
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(patience, TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(departure);
        ClientCall<Q, A> attempt =
                connections.channels().to(route.endpoint()).newCall(task.kind().method(), options);
        Answer answer = new Answer(route, departure);
        ClientCalls.asyncUnaryCall(attempt, task.request(), answer);
        cancelWhenSuperseded(attempt, answer, new Supersession(connections.directory(), route));
        return () -> attempt.cancel("the caller no longer waits", null);
    }

    private static void cancelWhenSuperseded(
            ClientCall<?, ?> attempt, Operation<?, ?, ?>.Answer answer, Supersession other) {
        CompletableFuture.delayedExecutor(LOOK_MILLIS, TimeUnit.MILLISECONDS).execute(() -> {
            if (answer.isAwaited() && other.isOver(System.nanoTime())) {
                attempt.cancel(null, SUPERSEDED.asException());
            } else if (answer.isAwaited()) {
                cancelWhenSuperseded(attempt, answer, other);
            }
        });
    }

    private void answered(Route route, A answer) {
        if (effectPossible && !task.definite().test(answer)) {
            trouble = route + " answered that it did not apply, which an earlier attempt may explain";
            giveUp();
            return;
        }
        result.complete(task.result().apply(answer));
    }

    private void failed(Route route, Throwable failure, boolean departed) {
        ended(failure, CaskadeErrors.codeOf(failure));
        String story = describe(route, failure, departed);
        reconsider(route, departed);
        switch (Verdict.of(failure, departed)) {
            case NOT_DONE -> pause(story, route.partition().changed());
            case REFUSED -> {
                trouble = story;
                giveUp();
            }
            case UNKNOWN -> {
                switch (task.repeat()) {
                    case READ -> pause(story, route.partition().changed());
                    case WRITE_AGAIN -> {
                        effectPossible = true;
                        pause(story, route.partition().changed());
                    }
                    case WRITE_ONCE -> {
                        effectPossible = true;
                        trouble = story;
                        giveUp();
                    }
                }
            }
        }
    }

    private void ended(Throwable failure, ErrorCode code) {
        alike = alike > 0 && code == lastCode ? alike + 1 : 1;
        lastFailure = failure;
        lastCode = code;
    }

    /// Whether the failure casts doubt on the route, and not on the request or the load.
    private void reconsider(Route route, boolean departed) {
        switch (lastCode) {
            case ERROR_CODE_INVALID_ARGUMENT,
                    ERROR_CODE_WRONG_VALUE,
                    ERROR_CODE_NOT_ENOUGH_REPLICAS,
                    ERROR_CODE_BUSY,
                    ERROR_CODE_DISK_FULL -> {}
            case ERROR_CODE_NOT_LEADER, ERROR_CODE_NOT_SERVING, ERROR_CODE_OUTCOME_UNKNOWN, ERROR_CODE_COPY_FENCED ->
                connections.directory().doubt(route);
            case ERROR_CODE_UNSPECIFIED, UNRECOGNIZED -> {
                connections.directory().doubt(route);
                if (!departed) {
                    connections.channels().reconnect(route.endpoint());
                }
            }
        }
    }

    private String describe(Route route, Throwable failure, boolean departed) {
        Status status = Status.fromThrowable(failure);
        if (lastCode != ErrorCode.ERROR_CODE_UNSPECIFIED) {
            return route + ", answered " + CaskadeErrors.nameOf(lastCode) + ": " + status.getDescription();
        }
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return route + (departed ? ", did not answer in time" : ", could not be connected to in time");
        }
        if (status.getCode() == SUPERSEDED.getCode()) {
            return route + ", did not answer, and " + SUPERSEDED.getDescription();
        }
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return route + ", could not be asked: " + root.getMessage();
    }

    /// Waits before the next attempt, but not beyond a change that may lead it elsewhere. A change that is
    /// known already leads there at the next reading, after the shortest pause: it may be that nothing can be
    /// read.
    private void pause(String story, CompletableFuture<Void> changed) {
        trouble = story;
        long left = deadlineNanos - System.nanoTime();
        Duration pause = backoff().after(changed.isDone() ? 1 : alike);
        CompletableFuture<Void> over = new CompletableFuture<>();
        over.completeOnTimeout(null, Math.clamp(left, 0, pause.toNanos()), TimeUnit.NANOSECONDS);
        CompletableFuture<?> next = changed.isDone() ? over : CompletableFuture.anyOf(over, changed);
        var _ = next.thenRunAsync(this::attemptOrFail);
    }

    /// A node that is overloaded, or waits for others, is to be left alone; a leader that is being chosen serves soon.
    private Backoff backoff() {
        return switch (lastCode) {
            case ERROR_CODE_BUSY, ERROR_CODE_NOT_ENOUGH_REPLICAS -> connections.patience();
            case ERROR_CODE_UNSPECIFIED,
                    ERROR_CODE_INVALID_ARGUMENT,
                    ERROR_CODE_WRONG_VALUE,
                    ERROR_CODE_NOT_LEADER,
                    ERROR_CODE_NOT_SERVING,
                    ERROR_CODE_DISK_FULL,
                    ERROR_CODE_OUTCOME_UNKNOWN,
                    ERROR_CODE_COPY_FENCED,
                    UNRECOGNIZED -> connections.search();
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
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        String tried = attempts > 1 ? " (" + attempts + " attempts in " + millis + "ms)" : "";
        CaskadeException failure;
        if (effectPossible) {
            failure = new OutcomeUnknownException(
                    "the outcome of this " + task.name() + " is unknown: " + trouble + tried
                            + "; read the key to see whether it took effect",
                    lastFailure);
        } else if (lastCode != ErrorCode.ERROR_CODE_UNSPECIFIED || isRefusal(lastFailure)) {
            failure = new RefusedException(lastCode, trouble + tried, lastFailure);
        } else {
            failure = new UnreachableException(trouble + tried, lastFailure);
        }
        result.completeExceptionally(failure);
    }

    private static boolean isRefusal(@Nullable Throwable failure) {
        return failure instanceof StatusRuntimeException && Verdict.of(failure, false) == Verdict.REFUSED;
    }

    /// Hears how an attempt ends that shared a stream with others.
    private final class PipelinedAnswer implements PipelinedCall.Waiting {

        private final Route route;
        private final Kind.Envelope<Q, A> envelope;
        private final Supersession other;

        PipelinedAnswer(Route route, Kind.Envelope<Q, A> envelope) {
            this.route = route;
            this.envelope = envelope;
            this.other = new Supersession(connections.directory(), route);
        }

        @Override
        public boolean isSuperseded(long nowNanos) {
            return other.isOver(nowNanos);
        }

        @Override
        public void answered(Reply reply) {
            try {
                Operation.this.answered(route, envelope.open().apply(reply));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }

        @Override
        public void failed(StatusRuntimeException failure, boolean departed) {
            try {
                Operation.this.failed(route, failure, departed);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }
    }

    /// Hears how an attempt ends that went by itself.
    private final class Answer implements StreamObserver<A> {

        private final Route route;
        private final Departure departure;
        private @Nullable A answer;
        private volatile boolean ended;

        Answer(Route route, Departure departure) {
            this.route = route;
            this.departure = departure;
        }

        @Override
        public void onNext(A value) {
            answer = value;
        }

        /// Whether nothing has come back yet.
        boolean isAwaited() {
            return !ended;
        }

        @Override
        public void onError(Throwable failure) {
            ended = true;
            try {
                failed(route, failure, departure.possible());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }

        @Override
        public void onCompleted() {
            ended = true;
            A complete = answer;
            if (complete == null) {
                onError(Status.INTERNAL
                        .withDescription("an answer without a message")
                        .asRuntimeException());
                return;
            }
            try {
                answered(route, complete);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }
    }
}
