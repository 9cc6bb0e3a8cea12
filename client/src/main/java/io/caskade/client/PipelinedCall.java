package io.caskade.client;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.Refusal;
import io.caskade.api.v1.Reply;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;

/// One call on its way through a pipeline, from when it is handed over until somebody has told the one who
/// waits how it ended. That happens once: to whoever takes it out of the calls that have no reply.
final class PipelinedCall {

    /// Hears how a call ends, on a thread that serves all calls.
    interface Waiting {

        /// The node did what it was asked, and says so in the reply.
        void answered(Reply reply);

        /// It was refused, or nothing came back.
        ///
        /// @param departed whether the call may have left this process
        void failed(StatusRuntimeException failure, boolean departed);

        /// Whether it need not be waited for any more, because another node is to be asked.
        ///
        /// @param nowNanos as `System.nanoTime()` counts
        boolean isSuperseded(long nowNanos);
    }

    private final Call call;
    private final int size;
    private final long deadlineNanos;
    private final Waiting waiting;

    /// Set by the one who sends it, or by the one who makes sure that it never is.
    private final AtomicBoolean claimed = new AtomicBoolean();

    /// @param deadlineNanos until when it is waited for, as `System.nanoTime()` counts
    PipelinedCall(Call call, long deadlineNanos, Waiting waiting) {
        this.call = call;
        this.size = call.getSerializedSize();
        this.deadlineNanos = deadlineNanos;
        this.waiting = waiting;
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

    boolean isSuperseded(long nowNanos) {
        return waiting.isSuperseded(nowNanos);
    }

    /// Claims it: for sending, or so that it never is sent.
    ///
    /// @return false when it was claimed before
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    void complete(Reply reply) {
        if (reply.hasRefused()) {
            waiting.failed(failureOf(reply.getRefused()), true);
        } else {
            waiting.answered(reply);
        }
    }

    private static StatusRuntimeException failureOf(Refusal refusal) {
        ErrorCode code = refusal.getCode();
        return code == ErrorCode.ERROR_CODE_UNSPECIFIED || code == ErrorCode.UNRECOGNIZED
                ? Status.INTERNAL.withDescription(refusal.getMessage()).asRuntimeException()
                : CaskadeErrors.of(code, refusal.getMessage());
    }

    /// Ends it without a reply.
    ///
    /// @param sentIsGone whether what was sent may have left this process
    void fail(StatusRuntimeException failure, boolean sentIsGone) {
        boolean sent = !claim();
        waiting.failed(failure, sent && sentIsGone);
    }
}
