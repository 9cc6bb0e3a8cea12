package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A client is given time to read, and no more.
class SlowReaderWatchTest {

    private static final long LIMIT_MILLIS = 30_000;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final SlowReaderWatch watch = new SlowReaderWatch(channel, LIMIT_MILLIS);

    @BeforeEach
    void stopTime() {
        channel.freezeTime();
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(10, 20));
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void write(int bytes) {
        var _ = channel.write(Unpooled.buffer(bytes).writeZero(bytes));
        watch.writabilityChanged();
    }

    private void pass(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void aClientThatReadsNothingIsDisconnected() {
        write(100);
        pass(LIMIT_MILLIS - 1);
        assertThat(channel.isOpen()).isTrue();

        pass(1);

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aClientThatHasReadAllInBetweenStays() {
        write(100);
        pass(LIMIT_MILLIS - 1);
        channel.flush();
        watch.writabilityChanged();
        write(100);

        pass(LIMIT_MILLIS / 2);
        assertThat(channel.isOpen()).isTrue();
        pass(LIMIT_MILLIS);

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aClientThatReadsStays() {
        for (int i = 0; i < 10; i++) {
            write(100);
            channel.flush();
            watch.writabilityChanged();
            pass(LIMIT_MILLIS);
        }

        assertThat(channel.isOpen()).isTrue();
    }
}
