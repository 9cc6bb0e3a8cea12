package io.caskade.server.listener.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Function;

/// The bytes of a unary call's answer, held until the call has ended: its answer was written out, or its client
/// is gone. Thread-safe.
final class UnaryReadHold {

    private final ReadBudget.Account account;

    // Guarded by this.
    private long held;
    private boolean ended;

    private UnaryReadHold(ReadBudget.Account account) {
        this.account = account;
    }

    /// Begins a call; called before anything is sent.
    static UnaryReadHold of(ReadBudget budget, ServerCallStreamObserver<?> call) {
        UnaryReadHold hold = new UnaryReadHold(budget.open());
        call.setOnCloseHandler(hold::end);
        call.setOnCancelHandler(hold::end);
        return hold;
    }

    /// Takes the bytes of a value before it is read. May block.
    ///
    /// @throws io.caskade.server.command.CommandRefusedException when they do not come in time
    void take(long bytes) {
        account.take(bytes);
        synchronized (this) {
            if (ended) {
                account.release(bytes);
            } else {
                held = bytes;
            }
        }
    }

    /// Encodes an answer, and holds its bytes instead of those that were taken for it.
    <T, R extends MessageLite> Function<T, R> encoding(Function<T, R> encode) {
        return answer -> {
            R response = encode.apply(answer);
            settle(response.getSerializedSize());
            return response;
        };
    }

    private synchronized void settle(long actual) {
        if (!ended) {
            account.settle(held, actual);
            held = actual;
        }
    }

    private synchronized void end() {
        ended = true;
        account.release(held);
        held = 0;
    }
}
