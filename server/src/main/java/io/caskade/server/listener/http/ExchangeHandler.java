package io.caskade.server.listener.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Receives and answers the requests of an HTTP/1 connection, one after the other, or the only one of an HTTP/2
/// stream. For the connection's thread.
///
/// Each request gets one answer, which may be sent before its body has arrived; what then still arrives is
/// dropped, and of an HTTP/1 connection only a little.
final class ExchangeHandler extends ChannelInboundHandlerAdapter {

    /// How much of an unwanted body is read so that the connection can be kept.
    static final long MAX_DROPPED_BYTES = 64 << 10;

    private static final String CHUNKED = "chunked";

    /// How long a client may take to read the last answer and close, before the connection is reset.
    private static final long LINGER_MILLIS = 1_000;

    private final HttpListenerContext context;
    private final boolean multiplexed;

    /// What was received and must wait for the answer to the request before it.
    private final Deque<HttpObject> waiting = new ArrayDeque<>();

    private @Nullable Exchange current;

    /// Whether the current request was handed on, and has no answer yet.
    private boolean running;

    /// Whether the current request has its answer, and its body has not ended.
    private boolean dropping;

    private boolean goingAway;

    /// The client sends no more, and still reads its answers.
    private boolean inputEnded;

    private boolean closing;
    private boolean working;
    private boolean reading;
    private boolean unflushed;

    /// @param multiplexed whether this is a stream of an HTTP/2 connection
    ExchangeHandler(HttpListenerContext context, boolean multiplexed) {
        this.context = context;
        this.multiplexed = multiplexed;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HttpObject part) || closing) {
            ReferenceCountUtil.release(message);
            return;
        }
        reading = true;
        waiting.add(part);
        work(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        work(ctx);
    }

    /// Handles what was received, as far as it need not wait. Reads no more from a client that is ahead.
    private void work(ChannelHandlerContext ctx) {
        if (working) {
            return;
        }
        working = true;
        try {
            while (mayHandle(ctx)) {
                HttpObject part = waiting.remove();
                try {
                    handle(ctx, part);
                } finally {
                    ReferenceCountUtil.release(part);
                }
            }
        } finally {
            working = false;
        }
        boolean wanted = waiting.isEmpty() || closing;
        if (ctx.channel().config().isAutoRead() != wanted) {
            ctx.channel().config().setAutoRead(wanted);
        }
        closeOnceAnswered(ctx);
    }

    /// Closes the connection of a client that sends no more, once it has all answers. What it has not sent
    /// completely gets none.
    private void closeOnceAnswered(ChannelHandlerContext ctx) {
        if (inputEnded && !multiplexed && !running && (waiting.isEmpty() || closing)) {
            closing = true;
            Future<?> _ = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
                Future<?> _ = ctx.close();
            });
        }
    }

    private boolean mayHandle(ChannelHandlerContext ctx) {
        return !waiting.isEmpty()
                && !running
                && !closing
                && (current != null || ctx.channel().isWritable());
    }

    private void handle(ChannelHandlerContext ctx, HttpObject part) {
        if (part instanceof HttpRequest head) {
            begin(ctx, head);
        }
        Exchange exchange = current;
        if (exchange != null && part instanceof HttpContent content) {
            receive(ctx, exchange, content);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest head) {
        Exchange exchange = context.begin(head);
        current = exchange;
        try {
            requireReadable(head);
            if (!multiplexed) {
                requireHttp1(head);
            }
            exchange.setOperation(context.route(head));
            requireExpectation(head);
            announceBody(ctx, exchange);
        } catch (RuntimeException e) {
            refuse(ctx, exchange, e);
        }
    }

    private static void requireReadable(HttpRequest head) {
        Throwable cause = head.decoderResult().cause();
        switch (cause) {
            case null -> {}
            case TooLongHttpLineException _ ->
                throw new HttpFailure(
                        ErrorCode.TARGET_TOO_LONG,
                        "the request line is longer than " + ConnectionInitializer.MAX_TARGET_BYTES + " bytes");
            case TooLongHttpHeaderException _ ->
                throw new HttpFailure(
                        ErrorCode.HEADERS_TOO_LARGE,
                        "the header fields are longer than " + ConnectionInitializer.MAX_HEADER_BYTES + " bytes");
            default -> throw HttpFailure.invalid("the request is no HTTP");
        }
    }

    private static void requireHttp1(HttpRequest head) {
        HttpVersion version = head.protocolVersion();
        if (version.majorVersion() != 1) {
            throw HttpFailure.invalid("expected HTTP/1.1, HTTP/1.0 or HTTP/2; found " + version);
        }
        int hosts = head.headers().getAll(HttpHeaderNames.HOST).size();
        if (hosts > 1 || (hosts == 0 && version.minorVersion() > 0)) {
            throw HttpFailure.invalid("a request has one Host header field; found " + hosts);
        }
        List<String> codings = head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!codings.isEmpty()
                && !(codings.size() == 1 && codings.getFirst().strip().equalsIgnoreCase(CHUNKED))) {
            throw HttpFailure.invalid("Transfer-Encoding is chunked and nothing else; found " + codings);
        }
    }

    private static void requireExpectation(HttpRequest head) {
        String expected = head.headers().get(HttpHeaderNames.EXPECT);
        if (expected != null
                && head.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0
                && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
            throw new HttpFailure(ErrorCode.EXPECTATION_FAILED, "Expect: 100-continue is all that can be expected");
        }
    }

    /// Refuses a body by its announced length, or asks for it if the client waits for that.
    private static void announceBody(ChannelHandlerContext ctx, Exchange exchange) {
        long announced = HttpUtil.getContentLength(exchange.head(), 0L);
        exchange.requireFitting(announced);
        if (HttpUtil.is100ContinueExpected(exchange.head())) {
            Future<?> _ = ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    /// Answers a request that is not handed on. The connection is kept only if the end of the request will be
    /// found soon.
    private void refuse(ChannelHandlerContext ctx, Exchange exchange, Throwable failure) {
        HttpRequest head = exchange.head();
        boolean endsSoon = head.decoderResult().isSuccess()
                && !HttpUtil.is100ContinueExpected(head)
                && !head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                && HttpUtil.getContentLength(head, 0L) <= MAX_DROPPED_BYTES;
        if (!endsSoon) {
            exchange.closeAfterwards();
        }
        respond(ctx, exchange, context.response(exchange, failure));
    }

    private void receive(ChannelHandlerContext ctx, Exchange exchange, HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        boolean malformed = !content.decoderResult().isSuccess();
        if (last) {
            exchange.setComplete();
        }
        if (dropping) {
            drop(ctx, exchange, content.content(), malformed);
            return;
        }
        try {
            if (malformed) {
                throw HttpFailure.invalid("the body is malformed");
            }
            exchange.receive(content.content(), ctx.alloc());
        } catch (HttpFailure e) {
            exchange.closeAfterwards();
            respond(ctx, exchange, context.response(exchange, e));
            return;
        }
        if (last) {
            run(ctx, exchange);
        }
    }

    private void run(ChannelHandlerContext ctx, Exchange exchange) {
        Operation operation = exchange.operation();
        if (operation == null) {
            return;
        }
        running = true;
        CompletionStage<Response> responding;
        try {
            responding = operation.action().respond(exchange.takeBody(), exchange.hold());
        } catch (RuntimeException e) {
            respond(ctx, exchange, context.response(exchange, e));
            return;
        }
        responding.whenComplete((response, failure) -> {
            Response sent = failure == null ? response : context.response(exchange, failure);
            if (ctx.executor().inEventLoop()) {
                respondLater(ctx, exchange, sent);
            } else {
                ctx.executor().execute(() -> respondLater(ctx, exchange, sent));
            }
        });
    }

    /// The client may be gone by now.
    private void respondLater(ChannelHandlerContext ctx, Exchange exchange, Response response) {
        if (exchange.equals(current) && running) {
            respond(ctx, exchange, response);
            work(ctx);
        }
    }

    /// The next request may begin while this answer is written.
    private void respond(ChannelHandlerContext ctx, Exchange exchange, Response response) {
        if (goingAway) {
            exchange.closeAfterwards();
        }
        boolean close = !multiplexed && !exchange.isKeptAlive();
        running = false;
        if (exchange.isComplete()) {
            current = null;
            closing |= close;
        } else {
            dropping = true;
        }
        Future<?> _ = ctx.write(encode(exchange, response, close)).addListener(written -> {
            context.count(exchange, response);
            exchange.end();
            finish(ctx, exchange, written);
        });
        if (reading) {
            unflushed = true;
        } else {
            ctx.flush();
        }
    }

    private FullHttpResponse encode(Exchange exchange, Response response, boolean close) {
        byte[] body = response.body();
        ByteBuf content = body == null || exchange.isHead() ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body);
        FullHttpResponse encoded = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, response.status(), content);
        response.headers().forEach((name, value) -> encoded.headers().set(name, value));
        encoded.headers().set(HttpHeaderNames.DATE, context.date().now());
        if (body != null) {
            encoded.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
            encoded.headers().set("x-content-type-options", "nosniff");
        }
        if (close) {
            encoded.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else {
            HttpUtil.setKeepAlive(encoded.headers(), exchange.head().protocolVersion(), true);
        }
        return encoded;
    }

    /// Sees to the connection when an answer was written.
    private void finish(ChannelHandlerContext ctx, Exchange exchange, Future<? super Void> written) {
        boolean clean = exchange.isComplete() && exchange.head().decoderResult().isSuccess();
        if (!written.isSuccess()) {
            Future<?> _ = ctx.close();
        } else if (multiplexed) {
            if (!exchange.isComplete()) {
                closeLater(ctx);
            }
        } else if (!exchange.isKeptAlive()) {
            closing = true;
            if (clean) {
                Future<?> _ = ctx.close();
            } else {
                closeGently(ctx);
            }
        }
    }

    /// Closing while data arrive would reset the connection, and the client might lose the answer.
    private static void closeGently(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof SocketChannel socket) {
            Future<?> _ = socket.shutdownOutput();
        }
        closeLater(ctx);
    }

    private static void closeLater(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(true);
        Runnable close = () -> {
            Future<?> _ = ctx.close();
        };
        Future<?> _ = ctx.executor().schedule(close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// What still comes of a request that was answered.
    private void drop(ChannelHandlerContext ctx, Exchange exchange, ByteBuf content, boolean malformed) {
        exchange.drop(content.readableBytes());
        if (malformed || exchange.received() > MAX_DROPPED_BYTES) {
            boolean wasKeptAlive = exchange.isKeptAlive();
            exchange.closeAfterwards();
            if (wasKeptAlive && exchange.isEnded()) {
                closing = true;
                closeGently(ctx);
            }
        }
        if (exchange.isComplete()) {
            current = null;
            dropping = false;
            closing |= !multiplexed && !exchange.isKeptAlive();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            Future<?> _ = ctx.close();
        } else if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            work(ctx);
        } else if (event instanceof GoAway) {
            goingAway = true;
            if (!multiplexed && current == null && waiting.isEmpty()) {
                Future<?> _ = ctx.close();
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ConnectionInitializer.closeFailed(ctx, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        Exchange exchange = current;
        if (exchange != null) {
            current = null;
            exchange.end();
        }
        ctx.fireChannelInactive();
    }
}
