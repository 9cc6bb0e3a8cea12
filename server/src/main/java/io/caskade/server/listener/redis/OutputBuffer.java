package io.caskade.server.listener.redis;

import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.ReadHold;
import io.caskade.server.listener.redis.command.Reply;
import io.caskade.server.listener.redis.command.ServerStats;
import io.caskade.server.listener.redis.resp.RespWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Buffers a connection's replies, and sends those of one turn with one flush. For the connection's thread.
///
/// Holds the bytes of values until they are written to the socket, however slow the client is.
final class OutputBuffer {

    /// Buffered replies are written to the channel when they are longer.
    private static final int MAX_BUFFERED_BYTES = 32 << 10;

    private final Channel channel;
    private final ReadBudget reads;
    private final ServerStats stats;
    private final RespWriter writer;

    private List<ReadHold> holds = new ArrayList<>();
    private ReadHold shared;
    private @Nullable ChannelFuture last;

    OutputBuffer(Channel channel, ReadBudget reads, ServerStats stats) {
        this.channel = channel;
        this.reads = reads;
        this.stats = stats;
        this.writer = new RespWriter(channel.alloc(), this::write);
        this.shared = new ReadHold(reads);
    }

    private void write(ByteBuf bytes) {
        stats.countOutput(bytes.readableBytes());
        last = channel.write(bytes);
    }

    /// Holds the values of replies that are added now, until the next flush was written.
    ReadHold shared() {
        return shared;
    }

    /// Adds a reply.
    ///
    /// @param hold holds its bytes; null when nothing does
    void add(Reply reply, boolean resp3, @Nullable ReadHold hold) {
        writer.setResp3(resp3);
        reply.write(writer);
        if (hold != null) {
            holds.add(hold);
        }
        if (writer.buffered() > MAX_BUFFERED_BYTES) {
            writer.flush();
        }
    }

    /// Whether a flush would send anything.
    boolean isUnsent() {
        return writer.buffered() > 0 || last != null;
    }

    /// Sends what was added.
    void flush() {
        writer.flush();
        ChannelFuture written = last;
        if (written == null) {
            return;
        }
        last = null;
        if (shared.isHolding()) {
            holds.add(shared);
            shared = new ReadHold(reads);
        }
        if (!holds.isEmpty()) {
            List<ReadHold> done = holds;
            holds = new ArrayList<>();
            ChannelFuture _ = written.addListener(_ -> done.forEach(ReadHold::end));
        }
        channel.flush();
    }

    /// Sends what was added.
    ///
    /// @return completes when everything was written
    ChannelFuture finish() {
        flush();
        return channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }

    /// Drops what was not sent. Idempotent.
    void close() {
        writer.close();
        shared.end();
        holds.forEach(ReadHold::end);
    }
}
