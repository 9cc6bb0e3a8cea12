package io.caskade.server.transport.commands;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.Proxying;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.proxy.UnansweredException;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// One call to another node. Its answer is not read from the connection before it is wanted: a small one at
/// once, a large one when its caller has the room.
///
/// Completed by gRPC's threads, which must not be blocked.
final class PeerCall<Q, A> extends ClientCall.Listener<A> {

    /// Answers up to this size need no permission.
    static final long SMALL_BYTES = 16 << 10;

    private final ClientCall<Q, A> call;
    private final SendTracker tracker;
    private final @Nullable LongConsumer onLarge;
    private final Runnable onUnreachable;
    private final CompletableFuture<A> answer = new CompletableFuture<>();
    private @Nullable A received;

    /// Tracks whether the call may have left this process: gRPC creates its stream only on a connection.
    private static final class SendTracker extends ClientStreamTracer.Factory {
        private volatile boolean maybeSent;

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void streamCreated(Attributes transport, Metadata sent) {
                    maybeSent = true;
                }
            };
        }
    }

    private PeerCall(
            ClientCall<Q, A> call, SendTracker tracker, @Nullable LongConsumer onLarge, Runnable onUnreachable) {
        this.call = call;
        this.tracker = tracker;
        this.onLarge = onLarge;
        this.onUnreachable = onUnreachable;
    }

    /// Sends a request whose answer is read whatever its length.
    ///
    /// @param onUnreachable called when no connection could be made
    static <Q, A> PeerCall<Q, A> send(
            Channel channel, MethodDescriptor<Q, A> method, Q request, long timeoutMillis, Runnable onUnreachable) {
        PeerCall<Q, A> begun = begin(channel, method, timeoutMillis, null, onUnreachable);
        begun.start(request);
        begun.read();
        return begun;
    }

    /// Sends a request whose answer, when it is large, is read by [#read()].
    ///
    /// @param onLarge called with the length of a large answer, before it is read
    /// @param onUnreachable called when no connection could be made
    static <Q, A> PeerCall<Q, A> send(
            Channel channel,
            MethodDescriptor<Q, A> method,
            Q request,
            long timeoutMillis,
            LongConsumer onLarge,
            Runnable onUnreachable) {
        PeerCall<Q, A> begun = begin(channel, method, timeoutMillis, onLarge, onUnreachable);
        begun.start(request);
        return begun;
    }

    private static <Q, A> PeerCall<Q, A> begin(
            Channel channel,
            MethodDescriptor<Q, A> method,
            long timeoutMillis,
            @Nullable LongConsumer onLarge,
            Runnable onUnreachable) {
        SendTracker tracker = new SendTracker();
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(timeoutMillis, TimeUnit.MILLISECONDS)
                .withExecutor(Runnable::run)
                .withStreamTracerFactory(tracker);
        return new PeerCall<>(channel.newCall(method, options), tracker, onLarge, onUnreachable);
    }

    private void start(Q request) {
        call.start(this, Proxying.forbidden());
        call.sendMessage(request);
        call.halfClose();
    }

    /// Reads the answer.
    void read() {
        call.request(1);
    }

    /// The answer; see [io.caskade.server.proxy.PeerCommands.Attempt].
    CompletableFuture<A> answer() {
        return answer;
    }

    void cancel() {
        call.cancel("the answer is no longer waited for", null);
    }

    @Override
    public void onHeaders(Metadata headers) {
        if (onLarge == null) {
            return;
        }
        OptionalLong bytes = Proxying.announcedBytes(headers);
        if (bytes.orElse(0) > SMALL_BYTES) {
            onLarge.accept(bytes.getAsLong());
        } else {
            read();
        }
    }

    @Override
    public void onMessage(A message) {
        received = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        A whole = received;
        if (status.isOk() && whole != null) {
            answer.complete(whole);
        } else {
            answer.completeExceptionally(failure(status, trailers));
        }
    }

    private RuntimeException failure(Status status, Metadata trailers) {
        Reason reason = CommandCodec.reason(CaskadeErrors.codeOf(status.asRuntimeException(trailers)));
        String description = status.getDescription();
        if (reason != null) {
            return new CommandRefusedException(reason, description == null ? reason.name() : description);
        }
        if (!tracker.maybeSent) {
            onUnreachable.run();
            return new UnansweredException(
                    false, "could not be connected to" + (description == null ? "" : ": " + description));
        }
        return new UnansweredException(
                true,
                status.getCode() == Status.Code.DEADLINE_EXCEEDED
                        ? "did not answer in time"
                        : "did not answer: " + status.getCode() + (description == null ? "" : ", " + description));
    }
}
