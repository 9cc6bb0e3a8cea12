package io.caskade.server.listener.grpc;

import com.google.protobuf.MessageLite;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.ReadHold;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Function;

/// The bytes of a unary call's answer, held until the call has ended. Thread-safe.
final class UnaryReadHold {

    private final ReadHold hold;

    private UnaryReadHold(ReadHold hold) {
        this.hold = hold;
    }

    /// Begins a call; called before anything is sent.
    static UnaryReadHold of(ReadBudget budget, ServerCallStreamObserver<?> call) {
        ReadHold hold = new ReadHold(budget);
        call.setOnCloseHandler(hold::end);
        call.setOnCancelHandler(hold::end);
        return new UnaryReadHold(hold);
    }

    /// Takes the bytes of a value before it is read. May block.
    ///
    /// @throws io.caskade.server.command.CommandRefusedException when they do not come in time
    void take(long bytes) {
        hold.take(bytes);
    }

    /// Encodes an answer, and holds its bytes instead of those that were taken for it.
    <T, R extends MessageLite> Function<T, R> encoding(Function<T, R> encode) {
        return answer -> {
            R response = encode.apply(answer);
            hold.settle(response.getSerializedSize());
            return response;
        };
    }
}
