package io.caskade.bench.limits;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/// How long a byte takes to another thread and back over TCP on the loopback interface.
public final class LoopbackRoundTrip {

    private static final int DIGITS = 3;

    private LoopbackRoundTrip() {}

    /// Sends bytes back and forth, one at a time.
    ///
    /// @return nanoseconds
    public static Histogram measure(Duration time) throws IOException {
        try (ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Thread echo = Thread.ofPlatform().daemon().name("echo").start(() -> echo(server));
            try (SocketChannel channel = SocketChannel.open(server.getLocalAddress())) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                return measure(channel, time, echo);
            }
        }
    }

    private static Histogram measure(SocketChannel channel, Duration time, Thread echo) throws IOException {
        Histogram nanos = new Histogram(DIGITS);
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < time.toNanos()) {
            channel.write(one.clear());
            if (channel.read(one.clear()) < 0) {
                throw new EOFException(echo.getName() + " has ended");
            }
            long end = System.nanoTime();
            nanos.recordValue(end - now);
            now = end;
        }
        return nanos;
    }

    /// Sends back what comes until the other side is closed.
    private static void echo(ServerSocketChannel server) {
        try (SocketChannel channel = server.accept()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            while (channel.read(one.clear()) > 0) {
                channel.write(one.flip());
            }
        } catch (IOException e) {
            // The other side has seen the connection end, and reports that.
            return;
        }
    }
}
