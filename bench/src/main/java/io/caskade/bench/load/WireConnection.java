package io.caskade.bench.load;

import io.caskade.bench.load.WireProtocol.Reply;
import io.caskade.bench.load.WireProtocol.ReplyReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A connection of a [WireClient]: sends the requests of one turn together and matches replies with them. For
/// the client's thread.
final class WireConnection {

    private static final int INITIAL_BUFFER = 1 << 14;

    /// A request that was sent, or, without an operation, the confirmation of those before it.
    private record Sent(@Nullable CompletableFuture<Void> operation) {}

    /// A write whose own reply has come.
    private record Unconfirmed(
            CompletableFuture<Void> operation, @Nullable String failure) {}

    private final Target target;
    private final WireProtocol protocol;
    private final RequestPlan plan;
    private final ReplyReader replies;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final OutputBuffer out = new OutputBuffer();
    private final Deque<Sent> sent = new ArrayDeque<>();
    private final List<Unconfirmed> unconfirmed = new ArrayList<>();
    private final boolean confirms;

    private ByteBuffer in = ByteBuffer.allocate(INITIAL_BUFFER);
    private boolean confirmationDue;
    private @Nullable String broken;

    /// Connects.
    WireConnection(Target target, WireProtocol protocol, RequestPlan plan, Selector selector) throws IOException {
        this.target = target;
        this.protocol = protocol;
        this.plan = plan;
        this.replies = protocol.newReader();
        this.confirms = plan.puts() && protocol.confirm(new OutputBuffer());
        this.channel = SocketChannel.open(
                new InetSocketAddress(target.address().host(), target.address().port()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        this.key = channel.register(selector, SelectionKey.OP_READ, this);
    }

    /// Adds a request to the next that are sent.
    ///
    /// @param ended hears of it if it ends by this, before it does
    void add(long number, CompletableFuture<Void> operation, Consumer<WireConnection> ended) {
        if (broken != null) {
            end(operation, broken, ended);
            return;
        }
        byte[] record = target.keys().get(plan.keyOf(number, target.keys().size()));
        if (plan.puts()) {
            protocol.put(out, record, plan.valueOf(number));
            confirmationDue = confirms;
        } else {
            protocol.get(out, record);
        }
        sent.add(new Sent(operation));
    }

    /// Sends what was added.
    ///
    /// @param ended hears of each operation that ends by this, before it does
    void flush(Consumer<WireConnection> ended) {
        if (broken != null) {
            return;
        }
        if (confirmationDue) {
            protocol.confirm(out);
            sent.add(new Sent(null));
            confirmationDue = false;
        }
        try {
            out.writeTo(channel);
            int wanted = out.isEmpty() ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
            if (key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        } catch (IOException e) {
            fail(e, ended);
        }
    }

    /// Receives what is there.
    ///
    /// @param ended hears of each operation that ends by this, before it does
    void receive(Consumer<WireConnection> ended) {
        try {
            if (channel.read(in) < 0) {
                throw new EOFException("closed by the server");
            }
            in.flip();
            for (Reply reply = replies.next(in); reply != null; reply = replies.next(in)) {
                onReply(reply, ended);
            }
            in.compact();
            if (!in.hasRemaining()) {
                in = ByteBuffer.allocate(in.capacity() * 2).put(in.flip());
            }
        } catch (IOException | IllegalStateException e) {
            fail(e, ended);
        }
    }

    private void onReply(Reply reply, Consumer<WireConnection> ended) {
        CompletableFuture<Void> operation = sent.remove().operation();
        if (operation == null) {
            String refusal = protocol.refusal(reply);
            List<Unconfirmed> confirmed = List.copyOf(unconfirmed);
            unconfirmed.clear();
            confirmed.forEach(
                    write -> end(write.operation(), write.failure() == null ? refusal : write.failure(), ended));
        } else if (confirms) {
            unconfirmed.add(new Unconfirmed(operation, reply.failure()));
        } else {
            end(operation, reply.failure(), ended);
        }
    }

    private void end(CompletableFuture<Void> operation, @Nullable String failure, Consumer<WireConnection> ended) {
        ended.accept(this);
        if (failure == null) {
            operation.complete(null);
        } else {
            operation.completeExceptionally(new FailedReplyException(failure));
        }
    }

    private void fail(Exception cause, Consumer<WireConnection> ended) {
        String failure = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        broken = failure;
        key.cancel();
        List<Unconfirmed> lost = new ArrayList<>(unconfirmed);
        unconfirmed.clear();
        for (Sent request : sent) {
            if (request.operation() != null) {
                lost.add(new Unconfirmed(request.operation(), failure));
            }
        }
        sent.clear();
        lost.forEach(request -> end(request.operation(), failure, ended));
    }

    void close() throws IOException {
        channel.close();
    }
}
