package io.caskade.server.loop;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;

/// A node's event loops, for all non-blocking work: connections with clients and other nodes, and partitions.
///
/// Thread-safe.
public final class EventLoops implements AutoCloseable {

    private static final int MOST = 8;

    private final EventLoopGroup group;
    private final List<NettyEventLoop> loops;

    private EventLoops(EventLoopGroup group, Consumer<Error> onError) {
        this.group = group;
        this.loops = StreamSupport.stream(group.spliterator(), false)
                .map(thread -> new NettyEventLoop(thread, onError))
                .toList();
    }

    /// Starts one loop per two processors, and leaves the others to syncs and reads, which block.
    ///
    /// @param onError called when a partition's task fails with a JVM error: the process must end
    public static EventLoops start(Consumer<Error> onError) {
        return start(Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MOST), onError);
    }

    /// Starts a number of loops.
    ///
    /// @param onError see [#start(Consumer)]
    public static EventLoops start(int threads, Consumer<Error> onError) {
        return new EventLoops(
                new MultiThreadIoEventLoopGroup(
                        threads,
                        Thread.ofPlatform()
                                .name("loop-", 0)
                                .daemon()
                                .uncaughtExceptionHandler(UncaughtErrors.handler(onError))
                                .factory(),
                        Sockets.BEST.handlers()),
                onError);
    }

    /// The Netty event loops, for connections.
    public EventLoopGroup group() {
        return group;
    }

    /// The calling thread's event loop; must be one of these.
    public io.netty.channel.EventLoop current() {
        return StreamSupport.stream(group.spliterator(), false)
                .filter(EventExecutor::inEventLoop)
                .map(io.netty.channel.EventLoop.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no thread of these event loops"));
    }

    /// The loop that owns a partition.
    public NettyEventLoop loopOf(int partition) {
        return loops.get(partition % loops.size());
    }

    /// All loops that own partitions.
    public List<NettyEventLoop> all() {
        return loops;
    }

    /// Stops the partitions' loops after all earlier tasks have run; connections continue.
    public void stopPartitions() {
        loops.forEach(NettyEventLoop::stop);
    }

    /// Stops the threads.
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
