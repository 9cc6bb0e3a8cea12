package io.caskade.server.listener.redis;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.listener.ReadHold;
import io.caskade.server.listener.redis.command.Call;
import io.caskade.server.listener.redis.command.Client;
import io.caskade.server.listener.redis.command.ClientPause;
import io.caskade.server.listener.redis.command.RedisCommand;
import io.caskade.server.listener.redis.command.Refusals;
import io.caskade.server.listener.redis.command.Reply;
import io.caskade.server.listener.redis.resp.RespDecoder;
import io.caskade.server.listener.redis.resp.RespProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Receives and answers the commands of a connection. For the connection's thread.
///
/// Nothing is decoded ahead of a command that must wait, and nothing is read from a client that is ahead or
/// does not read its replies.
final class RedisConnection extends ChannelInboundHandlerAdapter {

    /// An event: the node shuts down.
    static final Object GO_AWAY = new Object();

    private static final Logger LOG = LoggerFactory.getLogger(RedisConnection.class);

    /// The most commands that may have begun and have no reply yet.
    private static final int MAX_RUNNING = 512;

    /// How often commands are checked for taking too long.
    private static final long WATCH_MILLIS = 1_000;

    /// A client that reads no reply for so long is disconnected.
    private static final long STALL_MILLIS = 30_000;

    /// How long a client may take to read the last reply and close, before the connection is reset.
    private static final long LINGER_MILLIS = 1_000;

    private final RedisListenerContext context;
    private final Channel channel;
    private final Client client;
    private final RespDecoder decoder;
    private final OutputBuffer output;
    private final SlowReaderWatch slowReader;
    private final KeysInFlight keys = new KeysInFlight();

    /// In the order of their replies.
    private final Deque<PendingCommand> running = new ArrayDeque<>();

    private @Nullable ByteBuf input;

    /// A command that was decoded and must wait.
    private @Nullable Decoded blocked;

    /// The pause whose end will begin a command; null for none.
    private ClientPause.@Nullable Period awaited;

    private @Nullable Future<?> pauseTimer;
    private final Runnable onPauseOver;

    private boolean working;
    private boolean reading;

    /// Whether a flush is about to run.
    private boolean flushing;

    private boolean watching;

    /// The client sends no more, and still reads its replies.
    private boolean inputEnded;

    /// Begins no more commands.
    private boolean ending;

    private boolean closed;

    /// @param hold the memory that it has taken while it arrived; null for little
    private record Decoded(RedisCommand command, byte[][] arguments, ByteBudget.@Nullable Hold hold) {

        void release() {
            if (hold != null) {
                hold.release();
            }
        }
    }

    RedisConnection(RedisListenerContext context, Channel channel) {
        this.context = context;
        this.channel = channel;
        this.client = context.clients()
                .add(Addresses.text(channel.remoteAddress()), Addresses.text(channel.localAddress()), () -> {
                    Future<?> _ = channel.close();
                });
        this.decoder = new RespDecoder(context.maxBulkBytes(), context.parsing());
        this.slowReader = new SlowReaderWatch(channel, STALL_MILLIS);
        this.output = new OutputBuffer(channel, context.reads(), context.stats());
        this.onPauseOver = () -> channel.eventLoop().execute(this::work);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes) || ending) {
            ReferenceCountUtil.release(message);
            return;
        }
        reading = true;
        context.stats().countInput(bytes.readableBytes());
        ByteBuf before = input;
        ByteBuf read =
                before == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
        input = read;
        client.setUnansweredBytes(read.readableBytes());
        work();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        output.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        slowReader.writabilityChanged();
        if (channel.isWritable()) {
            // Not here: this may be called while replies are written.
            channel.eventLoop().execute(this::work);
        }
    }

    /// Begins commands, as far as they need not wait.
    private void work() {
        if (working || closed) {
            return;
        }
        working = true;
        boolean starved = false;
        try {
            while (!starved && !ending && channel.isWritable()) {
                Decoded next = blocked == null ? decode() : blocked;
                blocked = next;
                if (next == null) {
                    starved = true;
                } else if (mayBegin(next) && !isPaused(next)) {
                    blocked = null;
                    begin(next);
                } else {
                    giveUpIfAbandoned(next);
                    break;
                }
            }
        } finally {
            working = false;
        }
        ending |= starved && inputEnded;
        releaseRead();
        if (ending) {
            endOnceAnswered();
        } else if (channel.config().isAutoRead() != starved) {
            channel.config().setAutoRead(starved);
        }
        flushAfterTurn();
    }

    /// Sends the replies that are known once all that this thread is about to complete has its reply: those of
    /// a group of writes go out together.
    private void flushAfterTurn() {
        if (!reading && !flushing && output.isUnsent()) {
            flushing = true;
            channel.eventLoop().execute(() -> {
                flushing = false;
                if (!closed) {
                    output.flush();
                }
            });
        }
    }

    private void releaseRead() {
        ByteBuf read = input;
        if (read == null) {
            return;
        }
        client.setUnansweredBytes(ending ? 0 : read.readableBytes());
        if (!read.isReadable() || ending) {
            input = null;
            read.release();
        } else if (read.refCnt() == 1) {
            read.discardSomeReadBytes();
        }
    }

    private @Nullable Decoded decode() {
        ByteBuf read = input;
        if (read == null) {
            return null;
        }
        try {
            byte[][] arguments = decoder.decode(read);
            if (arguments == null) {
                return null;
            }
            if (ForeignProtocols.isHttp(arguments)) {
                context.foreign().log(channel.remoteAddress());
                ending = true;
                Future<?> _ = channel.close();
                return null;
            }
            RedisCommand command = decoder.isDropped()
                    ? context.table().dropped()
                    : context.table().find(arguments);
            return new Decoded(command, arguments, decoder.takeHold());
        } catch (RespProtocolException e) {
            return new Decoded(context.table().malformed(e.text()), new byte[][] {{}}, null);
        }
    }

    private boolean mayBegin(Decoded next) {
        if (running.isEmpty()) {
            return true;
        }
        return !next.command().isBarrier()
                && !runsAlone()
                && running.size() < MAX_RUNNING
                && !keys.isBlocking(next.command(), next.arguments());
    }

    /// Whether a command waits for the end of a pause, which begins it.
    private boolean isPaused(Decoded next) {
        ClientPause.Period pause = context.clients().pause().holding(next.command(), client);
        if (pause != null && !pause.equals(awaited)) {
            stopAwaitingPause();
            awaited = pause;
            pauseTimer = channel.eventLoop()
                    .schedule(this::work, pause.endNanos() - context.nanoTime().getAsLong(), TimeUnit.NANOSECONDS);
            pause.onOver(onPauseOver);
        }
        return pause != null;
    }

    /// A pause may take long: it must not keep a connection that is gone.
    private void stopAwaitingPause() {
        if (awaited != null) {
            awaited.forget(onPauseOver);
            awaited = null;
        }
        if (pauseTimer != null) {
            pauseTimer.cancel(false);
            pauseTimer = null;
        }
    }

    /// Ends the connection of a client that has closed its side while a pause holds its next command: it
    /// awaits no reply, and the pause may take long.
    private void giveUpIfAbandoned(Decoded next) {
        if (inputEnded && running.isEmpty() && isPaused(next)) {
            blocked = null;
            next.release();
            ending = true;
        }
    }

    /// Whether the commands after the one that runs must wait.
    private boolean runsAlone() {
        return running.size() == 1 && running.getFirst().call.command().isBarrier();
    }

    private void begin(Decoded next) {
        RedisCommand command = next.command();
        client.beginReply();
        context.stats().countCommand();
        client.countCommand(command);
        if (client.transaction().isOpen()) {
            // What is queued is held by the transaction.
            next.release();
        }
        ReadHold shared = running.isEmpty() ? output.shared() : null;
        Call call = new Call(command, next.arguments(), client, context.reads(), shared);
        long start = context.nanoTime().getAsLong();
        Reply elsewhere = context.table().redirect(call);
        CompletableFuture<Reply> future =
                elsewhere == null ? Replies.begin(call, context.table()) : CompletableFuture.completedFuture(elsewhere);
        boolean skips = client.skipsReply();
        Reply reply = Replies.known(future, command);
        if (reply != null) {
            recordTime(call, start);
        }
        if (reply != null && running.isEmpty()) {
            answer(call, reply, skips);
            next.release();
            return;
        }
        PendingCommand pending = new PendingCommand(call, next.arguments(), next.hold(), skips, start);
        running.add(pending);
        if (reply != null) {
            pending.reply = reply;
            return;
        }
        keys.add(command, next.arguments());
        watch();
        var _ = future.whenComplete((_, _) -> {
            Reply late = Replies.known(future, command);
            if (late == null) {
                return;
            }
            if (channel.eventLoop().inEventLoop()) {
                complete(pending, late);
            } else {
                channel.eventLoop().execute(() -> complete(pending, late));
            }
        });
    }

    /// The connection may be gone by now, or the command was answered because it took too long.
    private void complete(PendingCommand pending, Reply reply) {
        if (closed || pending.reply != null) {
            endHold(pending.call);
            return;
        }
        setReply(pending, reply);
        answerInOrder();
        work();
    }

    private void setReply(PendingCommand pending, Reply reply) {
        recordTime(pending.call, pending.startNanos);
        pending.reply = reply;
        keys.remove(pending.call.command(), pending.arguments);
    }

    private void recordTime(Call call, long startNanos) {
        context.slowLog().record(call, context.nanoTime().getAsLong() - startNanos);
    }

    private static void endHold(Call call) {
        ReadHold hold = call.takenHold();
        if (hold != null) {
            hold.end();
        }
    }

    private void answerInOrder() {
        PendingCommand next = running.peek();
        while (next != null && next.reply != null) {
            running.remove();
            answer(next.call, next.reply, next.skipsReply);
            next.release();
            next = running.peek();
        }
    }

    private void answer(Call call, Reply reply, boolean skips) {
        String error = reply.errorCode();
        if (error != null) {
            context.stats().countError(error);
        }
        if (skips || client.hasRepliesOff()) {
            endHold(call);
        } else {
            output.add(reply, client.isResp3(), call.takenHold());
        }
        ending |= client.isEnding();
    }

    private void watch() {
        if (!watching) {
            watching = true;
            Future<?> _ = channel.eventLoop().schedule(this::answerLate, WATCH_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /// Answers commands that take too long: silence tells a client nothing.
    private void answerLate() {
        watching = false;
        if (closed || running.isEmpty()) {
            return;
        }
        long now = context.nanoTime().getAsLong();
        for (PendingCommand pending : running) {
            if (pending.reply == null && now - pending.startNanos > context.limitNanos()) {
                setReply(pending, Refusals.timedOut(!pending.call.giveUp()));
            }
        }
        answerInOrder();
        work();
        if (!running.isEmpty()) {
            watch();
        }
    }

    /// Closing while data arrive would reset the connection, and the client might lose the last reply.
    private void endOnceAnswered() {
        if (!running.isEmpty() || closed) {
            return;
        }
        closed = true;
        context.clients().remove(client);
        ChannelFuture _ = output.finish().addListener(_ -> {
            if (inputEnded) {
                Future<?> _ = channel.close();
                return;
            }
            if (channel instanceof SocketChannel socket) {
                Future<?> _ = socket.shutdownOutput();
            }
            channel.config().setAutoRead(true);
            Runnable close = () -> {
                Future<?> _ = channel.close();
            };
            Future<?> _ = channel.eventLoop().schedule(close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (GO_AWAY.equals(event)) {
            ending = true;
            work();
        } else if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (closed) {
                Future<?> _ = ctx.close();
            }
            work();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("a connection failed", cause);
        } else {
            LOG.warn("the connection of {} is closed: {}", channel.remoteAddress(), cause.toString());
        }
        Future<?> _ = ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ending = true;
        closed = true;
        context.clients().remove(client);
        client.transaction().discard();
        stopAwaitingPause();
        releaseRead();
        decoder.close();
        output.close();
        if (blocked != null) {
            blocked.release();
            blocked = null;
        }
        running.forEach(pending -> {
            endHold(pending.call);
            pending.release();
        });
        running.clear();
        ctx.fireChannelInactive();
    }
}
