package io.caskade.server.listener.redis;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;

/// Tells a client that there are too many, and closes its connection.
final class TooManyClients extends ChannelInboundHandlerAdapter {

    private static final byte[] TEXT = "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.US_ASCII);

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Future<?> _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(TEXT)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Future<?> _ = ctx.close();
    }
}
