package io.caskade.server.listener.redis;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Disconnects a client that does not read its replies: what waits for it takes memory that others need. For
/// the connection's thread.
final class SlowReaderWatch {

    private static final Logger LOG = LoggerFactory.getLogger(SlowReaderWatch.class);

    private final Channel channel;
    private final long limitMillis;

    private boolean watching;

    /// How often it has read all but little.
    private long drained;

    /// @param limitMillis after so long without progress a client is disconnected
    SlowReaderWatch(Channel channel, long limitMillis) {
        this.channel = channel;
        this.limitMillis = limitMillis;
    }

    /// Notes that replies begin to wait for the client, or do so no more.
    void writabilityChanged() {
        if (channel.isWritable()) {
            drained++;
        } else if (!watching) {
            watching = true;
            watch(channel.bytesBeforeWritable());
        }
    }

    private void watch(long unread) {
        long before = drained;
        Runnable look = () -> look(unread, before);
        Future<?> _ = channel.eventLoop().schedule(look, limitMillis, TimeUnit.MILLISECONDS);
    }

    private void look(long unread, long before) {
        if (channel.isWritable() || !channel.isActive()) {
            watching = false;
            return;
        }
        long now = channel.bytesBeforeWritable();
        if (drained == before && now >= unread) {
            LOG.warn(
                    "the connection of {} is closed: it has read no reply for {} ms",
                    channel.remoteAddress(),
                    limitMillis);
            Future<?> _ = channel.close();
        } else {
            watch(now);
        }
    }
}
