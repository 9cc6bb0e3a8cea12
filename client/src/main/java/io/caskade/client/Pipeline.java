package io.caskade.client;

import io.caskade.api.v1.Call;
import io.grpc.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The calls to one node that share a stream: what is handed over while a message is written goes with the
/// next one, so that many calls in flight cost little each. A stream is opened when a call needs one; when
/// it breaks the calls on it fail, and the next call opens another.
///
/// Safe for use by any thread.
final class Pipeline {

    /// How late the one who waits for a call may hear that its time is up.
    private static final long SWEEP_MILLIS = 20;

    private final Channel channel;
    private final ScheduledExecutorService timer;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean sweeping = new AtomicBoolean();

    /// The stream that takes calls, and those on which some are still to be answered.
    private final Set<PipelineStream> streams = ConcurrentHashMap.newKeySet();

    private volatile @Nullable PipelineStream stream;

    /// @param timer runs what takes no time
    Pipeline(Channel channel, ScheduledExecutorService timer) {
        this.channel = channel;
        this.timer = timer;
    }

    /// Sends a call.
    ///
    /// @param call without its id
    /// @param deadlineNanos until when it is waited for, as `System.nanoTime()` counts
    /// @return takes the call back: whoever waits for it hears no more of it
    Runnable send(Call.Builder call, long deadlineNanos, PipelinedCall.Waiting waiting) {
        PipelinedCall pending =
                new PipelinedCall(call.setId(ids.incrementAndGet()).build(), deadlineNanos, waiting);
        send(pending);
        return () -> forget(pending);
    }

    private void send(PipelinedCall call) {
        while (!current().accept(call)) {
            Thread.onSpinWait();
        }
        sweepLater();
    }

    private PipelineStream current() {
        PipelineStream open = stream;
        return open != null && open.isOpen() ? open : reopened();
    }

    private synchronized PipelineStream reopened() {
        PipelineStream open = stream;
        if (open == null || !open.isOpen()) {
            open = PipelineStream.on(channel, this::send, streams::remove);
            // Before it is started: it may end at once.
            streams.add(open);
            open.start();
            stream = open;
        }
        return open;
    }

    /// Nothing is scheduled while nobody waits.
    private void sweepLater() {
        if (!sweeping.get() && sweeping.compareAndSet(false, true)) {
            try {
                var _ = timer.schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException _) {
                // The client was closed, which ends the streams and so every call.
                sweeping.set(false);
            }
        }
    }

    private void sweep() {
        sweeping.set(false);
        long now = System.nanoTime();
        boolean waits = false;
        for (PipelineStream each : streams) {
            waits |= each.failOverdue(now);
        }
        if (waits) {
            sweepLater();
        }
    }

    /// How many streams are kept.
    int streams() {
        return streams.size();
    }

    private void forget(PipelinedCall call) {
        streams.forEach(each -> each.forget(call));
    }
}
