package io.caskade.client.call;

import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.Reply;
import io.caskade.api.v1.ReplyBatch;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One stream of a [Pipeline], from its opening to its end.
///
/// Any thread may offer calls. One thread at a time writes, and it also writes the calls that other threads
/// offer meanwhile. Calls offered while a [WriteCoalescer] runs are written at its end.
final class PipelineStream extends ClientCall.Listener<ReplyBatch> {

    private static final int MAX_CALLS_PER_BATCH = 256;
    private static final int MAX_BYTES_PER_BATCH = 256 << 10;

    private final ClientCall<CallBatch, ReplyBatch> stream;
    private final SendTracker tracker;
    private final Consumer<PipelinedCall> resend;
    private final Consumer<PipelineStream> onEnd;

    /// Calls whose callback has not run; the thread that removes a call runs its callback.
    private final ConcurrentMap<Long, PipelinedCall> outstanding = new ConcurrentHashMap<>();

    private final Queue<PipelinedCall> unsent = new ConcurrentLinkedQueue<>();
    private final AtomicInteger writers = new AtomicInteger();

    private volatile boolean shuttingDown;
    private volatile @Nullable StatusRuntimeException end;

    /// For the writing thread only.
    private boolean halfClosed;

    private PipelineStream(
            ClientCall<CallBatch, ReplyBatch> stream,
            SendTracker tracker,
            Consumer<PipelinedCall> resend,
            Consumer<PipelineStream> onEnd) {
        this.stream = stream;
        this.tracker = tracker;
        this.resend = resend;
        this.onEnd = onEnd;
    }

    /// Creates a stream that is not started yet.
    ///
    /// @param resend gets the calls that were not sent before the node began to shut down
    /// @param onEnd  runs when the stream has ended
    static PipelineStream create(Channel channel, Consumer<PipelinedCall> resend, Consumer<PipelineStream> onEnd) {
        SendTracker tracker = new SendTracker();
        CallOptions options = CallOptions.DEFAULT.withExecutor(Runnable::run).withStreamTracerFactory(tracker);
        return new PipelineStream(channel.newCall(KeyValueGrpc.getPipelineMethod(), options), tracker, resend, onEnd);
    }

    /// Opens the stream; without a connection its calls wait for one, or the stream ends at once.
    void start() {
        stream.start(this, new Metadata());
        stream.request(1);
    }

    /// Whether it accepts calls.
    boolean isOpen() {
        return !shuttingDown && end == null;
    }

    /// Accepts a call. It fails when the stream ends before it is sent.
    ///
    /// @return false when the node is shutting down
    boolean offer(PipelinedCall call) {
        if (shuttingDown) {
            return false;
        }
        outstanding.put(call.id(), call);
        unsent.add(call);
        StatusRuntimeException ended = end;
        if (ended != null) {
            fail(call, ended);
        } else if (!WriteCoalescer.defer(this)) {
            write();
        }
        return true;
    }

    /// Fails the calls that have timed out, and those for partitions that another node leads now.
    ///
    /// @return whether other calls are outstanding
    boolean failOverdue(long nowNanos) {
        for (PipelinedCall call : outstanding.values()) {
            if (call.isOverdue(nowNanos)) {
                fail(call, Status.DEADLINE_EXCEEDED.asRuntimeException());
            } else if (call.pollLeaderChange(nowNanos)) {
                fail(call, RetryingCall.LEADER_CHANGED.asRuntimeException());
            }
        }
        return !outstanding.isEmpty();
    }

    /// Drops a call without running its callback.
    void abandon(PipelinedCall call) {
        if (outstanding.remove(call.id(), call)) {
            call.claim();
        }
    }

    private void fail(PipelinedCall call, StatusRuntimeException failure) {
        if (outstanding.remove(call.id(), call)) {
            call.fail(failure, tracker.maybeSent());
        }
    }

    /// Sends what is queued, unless another thread is writing already.
    void write() {
        if (writers.getAndIncrement() != 0) {
            return;
        }
        int handled = 1;
        do {
            try {
                if (shuttingDown) {
                    endOurSide();
                } else {
                    writeUnsent();
                }
            } catch (RuntimeException e) {
                end(Status.fromThrowable(e).asRuntimeException());
            }
            handled = writers.addAndGet(-handled);
        } while (handled != 0);
    }

    private void writeUnsent() {
        while (stream.isReady() && !unsent.isEmpty()) {
            CallBatch.Builder batch = CallBatch.newBuilder();
            int bytes = 0;
            while (batch.getCallsCount() < MAX_CALLS_PER_BATCH && bytes < MAX_BYTES_PER_BATCH) {
                PipelinedCall call = unsent.poll();
                if (call == null) {
                    break;
                }
                if (call.claim()) {
                    batch.addCalls(call.call());
                    bytes += call.size();
                }
            }
            if (batch.getCallsCount() > 0) {
                stream.sendMessage(batch.build());
            }
        }
    }

    private void endOurSide() {
        if (!halfClosed) {
            halfClosed = true;
            stream.halfClose();
        }
        for (PipelinedCall call = unsent.poll(); call != null; call = unsent.poll()) {
            if (outstanding.remove(call.id(), call)) {
                resend.accept(call);
            }
        }
    }

    @Override
    public void onReady() {
        write();
    }

    @Override
    public void onMessage(ReplyBatch batch) {
        if (batch.getShuttingDown()) {
            // First, so that calls triggered by the replies go to another stream.
            shuttingDown = true;
            write();
        }
        WriteCoalescer.run(() -> deliver(batch.getRepliesList()));
        stream.request(1);
    }

    private void deliver(List<Reply> replies) {
        for (Reply reply : replies) {
            PipelinedCall call = outstanding.remove(reply.getId());
            if (call != null) {
                call.complete(reply);
            }
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        end(
                status.isOk()
                        ? Status.UNAVAILABLE
                                .withDescription("the node ended the stream")
                                .asRuntimeException()
                        : status.asRuntimeException(trailers));
    }

    private void end(StatusRuntimeException cause) {
        end = cause;
        outstanding.values().forEach(call -> fail(call, cause));
        unsent.clear();
        onEnd.accept(this);
    }
}
