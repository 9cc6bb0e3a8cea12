package io.caskade.server.listener.redis;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.listener.redis.command.Call;
import io.caskade.server.listener.redis.command.Reply;
import org.jspecify.annotations.Nullable;

/// A command that has begun and whose reply is not sent. For the connection's thread.
final class PendingCommand {

    final Call call;
    final byte[][] arguments;
    final boolean skipsReply;
    final long startNanos;

    /// Null until it has one.
    @Nullable
    Reply reply;

    private final ByteBudget.@Nullable Hold hold;

    /// @param hold the memory that it has taken while it arrived; null for little
    /// @param skipsReply whether the client wants no reply to this one
    PendingCommand(Call call, byte[][] arguments, ByteBudget.@Nullable Hold hold, boolean skipsReply, long startNanos) {
        this.call = call;
        this.arguments = arguments;
        this.hold = hold;
        this.skipsReply = skipsReply;
        this.startNanos = startNanos;
    }

    /// Gives its memory back.
    void release() {
        if (hold != null) {
            hold.release();
        }
    }
}
