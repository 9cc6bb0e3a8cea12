package io.caskade.server.loop;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;

/// The few threads of a node that do all that never blocks: connections with clients and other nodes, and
/// partitions.
///
/// Safe for use by any thread.
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

    /// One for each two processors: the others are left to syncs and to reads, which block.
    ///
    /// @param onError is told when the Java machine itself fails a task of a partition: the process must end
    public static EventLoops start(Consumer<Error> onError) {
        return start(Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MOST), onError);
    }

    /// So many.
    ///
    /// @param onError see [#start(Consumer)]
    public static EventLoops start(int threads, Consumer<Error> onError) {
        return new EventLoops(
                new MultiThreadIoEventLoopGroup(
                        threads, Thread.ofPlatform().name("loop-", 0).daemon().factory(), NioIoHandler.newFactory()),
                onError);
    }

    /// The threads, for connections.
    public EventLoopGroup group() {
        return group;
    }

    /// The thread that asks, which must be one of these.
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

    /// Ends the partitions' part when all that they were given before has run; connections go on.
    public void stopPartitions() {
        loops.forEach(NettyEventLoop::stop);
    }

    /// Ends the threads.
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
