package io.caskade.server.loop;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/// The kind of sockets that the event loops serve: those of Linux's epoll, which take fewer instructions for
/// each read and write, or else Java's own.
///
/// @param server listens
/// @param client connects
public record Sockets(
        IoHandlerFactory handlers, Class<? extends ServerSocketChannel> server, Class<? extends SocketChannel> client) {

    /// What all event loops of this process serve. Epoll needs a native library, which cannot be loaded on
    /// other systems, or where the directory for temporary files allows no code.
    public static final Sockets BEST = Epoll.isAvailable()
            ? new Sockets(EpollIoHandler.newFactory(), EpollServerSocketChannel.class, EpollSocketChannel.class)
            : new Sockets(NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class);
}
