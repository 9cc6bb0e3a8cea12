package io.caskade.client.call;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.Refusal;
import io.caskade.api.v1.Reply;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;

/// One call in a pipeline, from its submission until its callback has run. The callback runs once: the
/// thread that removes the call from those without a reply runs it.
final class PipelinedCall {

    /// Runs when a call ends, on a thread that serves all calls.
    interface Callback {

        /// The node accepted the call; the reply has the response.
        void onReply(Reply reply);

        /// The node refused, or no reply came.
        ///
        /// @param maybeSent whether the call may have left this process
        void onFailure(StatusRuntimeException failure, boolean maybeSent);

        /// Checks for a new leader; true when this node's reply need not be waited for any longer.
        ///
        /// @param nowNanos as `System.nanoTime()` counts
        boolean pollLeaderChange(long nowNanos);
    }

    private final Call call;
    private final int size;
    private final long deadlineNanos;
    private final Callback callback;

    /// Set by the thread that sends the call, or by the one that prevents it from being sent.
    private final AtomicBoolean claimed = new AtomicBoolean();

    /// @param deadlineNanos when the call times out, as `System.nanoTime()` counts
    PipelinedCall(Call call, long deadlineNanos, Callback callback) {
        this.call = call;
        this.size = call.getSerializedSize();
        this.deadlineNanos = deadlineNanos;
        this.callback = callback;
    }

    long id() {
        return call.getId();
    }

    Call call() {
        return call;
    }

    int size() {
        return size;
    }

    boolean isOverdue(long nowNanos) {
        return nowNanos - deadlineNanos >= 0;
    }

    boolean pollLeaderChange(long nowNanos) {
        return callback.pollLeaderChange(nowNanos);
    }

    /// Claims the call, either to send it or to make sure that it is never sent.
    ///
    /// @return false when it was claimed before
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    void complete(Reply reply) {
        if (reply.hasRefused()) {
            callback.onFailure(failureOf(reply.getRefused()), true);
        } else {
            callback.onReply(reply);
        }
    }

    private static StatusRuntimeException failureOf(Refusal refusal) {
        ErrorCode code = refusal.getCode();
        return code == ErrorCode.ERROR_CODE_UNSPECIFIED || code == ErrorCode.UNRECOGNIZED
                ? Status.INTERNAL.withDescription(refusal.getMessage()).asRuntimeException()
                : CaskadeErrors.of(code, refusal.getMessage());
    }

    /// Ends the call without a reply.
    ///
    /// @param streamMaybeSent whether what was written to the stream may have left this process
    void fail(StatusRuntimeException failure, boolean streamMaybeSent) {
        boolean written = !claim();
        callback.onFailure(failure, written && streamMaybeSent);
    }
}
