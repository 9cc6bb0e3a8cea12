package io.caskade.server.listener.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http.HttpServerUpgradeHandler.UpgradeEvent;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler;
import io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler.PriorKnowledgeUpgradeEvent;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sets up a connection: HTTP/1, and HTTP/2 where the client begins with it or asks for it in its first
/// request.
@ChannelHandler.Sharable
final class ConnectionInitializer extends ChannelInitializer<Channel> {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionInitializer.class);

    /// Room for the longest key, each byte of it encoded, and a query.
    static final int MAX_TARGET_BYTES = 256 << 10;

    static final int MAX_HEADER_BYTES = 16 << 10;

    private static final int MAX_CHUNK_BYTES = 64 << 10;
    private static final int MAX_UPGRADE_BODY_BYTES = 16 << 10;
    private static final int MAX_STREAMS = 256;

    /// What a client may send ahead, on a stream and on all of a connection.
    private static final int WINDOW_BYTES = 1 << 20;

    /// A connection without a byte for this long is closed.
    private static final int IDLE_SECONDS = 60;

    private final HttpListenerContext context;
    private final ChannelGroup connections;

    /// @param connections open connections are added to it
    ConnectionInitializer(HttpListenerContext context, ChannelGroup connections) {
        this.context = context;
        this.connections = connections;
    }

    @Override
    protected void initChannel(Channel channel) {
        connections.add(channel);
        HttpServerCodec codec = new HttpServerCodec(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_TARGET_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxChunkSize(MAX_CHUNK_BYTES));
        channel.pipeline()
                .addLast(new IdleStateHandler(true, 0, 0, IDLE_SECONDS, TimeUnit.SECONDS))
                .addLast(new CleartextHttp2ServerUpgradeHandler(codec, new FirstRequest(codec), new Http2Begin()))
                .addLast(new ProtocolSelector());
    }

    private Http2FrameCodec http2Codec() {
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(MAX_STREAMS)
                        .initialWindowSize(WINDOW_BYTES)
                        .maxHeaderListSize(MAX_TARGET_BYTES + MAX_HEADER_BYTES))
                .build();
    }

    private Http2MultiplexHandler http2Streams() {
        return new Http2MultiplexHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline()
                        .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                        .addLast(new ExchangeHandler(context, true));
            }
        });
    }

    /// Switches to HTTP/2 if the first request asks for it. One with a large body is answered by HTTP/1, as the
    /// client must expect: the body would have to be gathered before.
    private final class FirstRequest extends HttpServerUpgradeHandler {

        FirstRequest(HttpServerCodec codec) {
            super(
                    codec,
                    protocol -> AsciiString.contentEquals(Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME, protocol)
                            ? new Http2ServerUpgradeCodec(http2Codec(), http2Streams())
                            : null,
                    MAX_UPGRADE_BODY_BYTES,
                    DefaultHttpHeadersFactory.headersFactory(),
                    DefaultHttpHeadersFactory.trailersFactory(),
                    true);
        }

        @Override
        protected boolean shouldHandleUpgradeRequest(HttpRequest request) {
            return !HttpUtil.isTransferEncodingChunked(request)
                    && !HttpUtil.is100ContinueExpected(request)
                    && HttpUtil.getContentLength(request, 0L) <= MAX_UPGRADE_BODY_BYTES;
        }
    }

    /// Replaced by the handlers of HTTP/2 when a client begins with it.
    private final class Http2Begin extends ChannelHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            Http2FrameCodec codec = http2Codec();
            ctx.pipeline().addAfter(ctx.name(), null, codec);
            ctx.pipeline().addAfter(ctx.pipeline().context(codec).name(), null, http2Streams());
            ctx.pipeline().remove(this);
        }
    }

    /// The end of the pipeline until it is known which protocol is spoken.
    private final class ProtocolSelector extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.pipeline().addAfter(ctx.name(), null, new ExchangeHandler(context, false));
            ctx.fireChannelRead(message);
            ctx.pipeline().remove(this);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof PriorKnowledgeUpgradeEvent || event instanceof UpgradeEvent) {
                ctx.pipeline().replace(this, null, new Http2Connection());
            } else if (isEnd(event)) {
                Future<?> _ = ctx.close();
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            closeFailed(ctx, cause);
        }
    }

    /// Whether no more requests come.
    private static boolean isEnd(Object event) {
        return event instanceof IdleStateEvent || event instanceof GoAway || event instanceof ChannelInputShutdownEvent;
    }

    /// The end of an HTTP/2 connection's pipeline; each stream has its own.
    private static final class Http2Connection extends ChannelInboundHandlerAdapter {

        /// The settings widen the windows of streams alone.
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            Future<?> _ = ctx.writeAndFlush(
                    new DefaultHttp2WindowUpdateFrame(WINDOW_BYTES - Http2CodecUtil.DEFAULT_WINDOW_SIZE));
        }

        /// Closing sends GOAWAY and waits for the streams.
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (isEnd(event)) {
                Future<?> _ = ctx.close();
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            closeFailed(ctx, cause);
        }
    }

    static void closeFailed(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("a connection failed", cause);
        } else {
            Throwable reason = cause.getCause() == null ? cause : cause.getCause();
            LOG.warn("a connection of {} is closed: {}", ctx.channel().remoteAddress(), reason.toString());
        }
        Future<?> _ = ctx.close();
    }
}
