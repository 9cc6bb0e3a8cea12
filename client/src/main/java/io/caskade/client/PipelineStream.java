package io.caskade.client;

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
/// Any thread may hand over calls. One thread at a time writes: whoever comes while it does leaves its call
/// to it. What is handed over in an [AnswerTurn] goes out at its end.
final class PipelineStream extends ClientCall.Listener<ReplyBatch> {

    private static final int MOST_CALLS_IN_A_BATCH = 256;
    private static final int MOST_BYTES_IN_A_BATCH = 256 << 10;

    private final ClientCall<CallBatch, ReplyBatch> stream;
    private final Departure departure;
    private final Consumer<PipelinedCall> elsewhere;
    private final Consumer<PipelineStream> onEnd;

    /// Calls whose end nobody has told yet; whoever removes one tells it.
    private final ConcurrentMap<Long, PipelinedCall> unanswered = new ConcurrentHashMap<>();

    private final Queue<PipelinedCall> unsent = new ConcurrentLinkedQueue<>();
    private final AtomicInteger writers = new AtomicInteger();

    private volatile boolean going;
    private volatile @Nullable StatusRuntimeException end;

    /// For the thread that writes.
    private boolean sideEnded;

    private PipelineStream(
            ClientCall<CallBatch, ReplyBatch> stream,
            Departure departure,
            Consumer<PipelinedCall> elsewhere,
            Consumer<PipelineStream> onEnd) {
        this.stream = stream;
        this.departure = departure;
        this.elsewhere = elsewhere;
        this.onEnd = onEnd;
    }

    /// A stream that is yet to be started.
    ///
    /// @param elsewhere takes the calls that were not sent before the node said that it goes
    /// @param onEnd     is told when nothing comes any more
    static PipelineStream on(Channel channel, Consumer<PipelinedCall> elsewhere, Consumer<PipelineStream> onEnd) {
        Departure departure = new Departure();
        CallOptions options = CallOptions.DEFAULT.withExecutor(Runnable::run).withStreamTracerFactory(departure);
        return new PipelineStream(
                channel.newCall(KeyValueGrpc.getPipelineMethod(), options), departure, elsewhere, onEnd);
    }

    /// Opens it; when there is no connection its calls wait for one, or it ends at once.
    void start() {
        stream.start(this, new Metadata());
        stream.request(1);
    }

    /// Whether it takes calls.
    boolean isOpen() {
        return !going && end == null;
    }

    /// Takes a call; one that ends the stream before it could be sent fails.
    ///
    /// @return false when the node has said that it goes
    boolean accept(PipelinedCall call) {
        if (going) {
            return false;
        }
        unanswered.put(call.id(), call);
        unsent.add(call);
        StatusRuntimeException ended = end;
        if (ended != null) {
            fail(call, ended);
        } else if (!AnswerTurn.putOff(this)) {
            write();
        }
        return true;
    }

    /// Fails the calls whose time is up, and those that another node is to be asked.
    ///
    /// @return whether others wait
    boolean failOverdue(long nowNanos) {
        for (PipelinedCall call : unanswered.values()) {
            if (call.isOverdue(nowNanos)) {
                fail(call, Status.DEADLINE_EXCEEDED.asRuntimeException());
            } else if (call.isSuperseded(nowNanos)) {
                fail(call, Operation.SUPERSEDED.asRuntimeException());
            }
        }
        return !unanswered.isEmpty();
    }

    /// Tells nobody how a call ends.
    void forget(PipelinedCall call) {
        if (unanswered.remove(call.id(), call)) {
            call.claim();
        }
    }

    private void fail(PipelinedCall call, StatusRuntimeException failure) {
        if (unanswered.remove(call.id(), call)) {
            call.fail(failure, departure.possible());
        }
    }

    /// Sends what waits.
    void write() {
        if (writers.getAndIncrement() != 0) {
            return;
        }
        int served = 1;
        do {
            try {
                if (going) {
                    endSide();
                } else {
                    writeUnsent();
                }
            } catch (RuntimeException e) {
                end(Status.fromThrowable(e).asRuntimeException());
            }
            served = writers.addAndGet(-served);
        } while (served != 0);
    }

    private void writeUnsent() {
        while (stream.isReady() && !unsent.isEmpty()) {
            CallBatch.Builder batch = CallBatch.newBuilder();
            int bytes = 0;
            while (batch.getCallsCount() < MOST_CALLS_IN_A_BATCH && bytes < MOST_BYTES_IN_A_BATCH) {
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

    private void endSide() {
        if (!sideEnded) {
            sideEnded = true;
            stream.halfClose();
        }
        for (PipelinedCall call = unsent.poll(); call != null; call = unsent.poll()) {
            if (unanswered.remove(call.id(), call)) {
                elsewhere.accept(call);
            }
        }
    }

    @Override
    public void onReady() {
        write();
    }

    @Override
    public void onMessage(ReplyBatch batch) {
        if (batch.getGoing()) {
            // First, so that what the answers set off goes elsewhere.
            going = true;
            write();
        }
        AnswerTurn.run(() -> handOut(batch.getRepliesList()));
        stream.request(1);
    }

    private void handOut(List<Reply> replies) {
        for (Reply reply : replies) {
            PipelinedCall call = unanswered.remove(reply.getId());
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
        unanswered.values().forEach(call -> fail(call, cause));
        unsent.clear();
        onEnd.accept(this);
    }
}
