package io.caskade.client.call;

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

/// Sends the calls to one node over a shared stream. Calls submitted while a message is being written go out
/// with the next one, so that with many calls in flight each costs little. A stream is opened on demand; when
/// it breaks, the calls on it fail and the next call opens another.
///
/// Thread-safe.
final class Pipeline {

    /// How late a call's timeout may be reported.
    private static final long SWEEP_MILLIS = 20;

    private final Channel channel;
    private final ScheduledExecutorService timer;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean sweepScheduled = new AtomicBoolean();

    /// The stream that accepts calls, and those with calls that have no reply yet.
    private final Set<PipelineStream> streams = ConcurrentHashMap.newKeySet();

    private volatile @Nullable PipelineStream stream;

    /// @param timer for short tasks only
    Pipeline(Channel channel, ScheduledExecutorService timer) {
        this.channel = channel;
        this.timer = timer;
    }

    /// Sends a call.
    ///
    /// @param call without its id
    /// @param deadlineNanos when the call times out, as `System.nanoTime()` counts
    /// @return abandons the call: its callback no longer runs
    Runnable send(Call.Builder call, long deadlineNanos, PipelinedCall.Callback callback) {
        PipelinedCall pending =
                new PipelinedCall(call.setId(ids.incrementAndGet()).build(), deadlineNanos, callback);
        send(pending);
        return () -> abandon(pending);
    }

    private void send(PipelinedCall call) {
        while (!currentStream().offer(call)) {
            Thread.onSpinWait();
        }
        scheduleSweep();
    }

    private PipelineStream currentStream() {
        PipelineStream open = stream;
        return open != null && open.isOpen() ? open : reopen();
    }

    private synchronized PipelineStream reopen() {
        PipelineStream open = stream;
        if (open == null || !open.isOpen()) {
            open = PipelineStream.create(channel, this::send, streams::remove);
            // Before it starts, since it may end at once.
            streams.add(open);
            open.start();
            stream = open;
        }
        return open;
    }

    /// Schedules a sweep unless one is scheduled; none runs while no call is outstanding.
    private void scheduleSweep() {
        if (!sweepScheduled.get() && sweepScheduled.compareAndSet(false, true)) {
            try {
                var _ = timer.schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException _) {
                // The client was closed, which ends every stream and so every call.
                sweepScheduled.set(false);
            }
        }
    }

    private void sweep() {
        sweepScheduled.set(false);
        long now = System.nanoTime();
        boolean outstanding = false;
        for (PipelineStream each : streams) {
            outstanding |= each.failOverdue(now);
        }
        if (outstanding) {
            scheduleSweep();
        }
    }

    /// How many streams there are; for tests.
    int streamCount() {
        return streams.size();
    }

    private void abandon(PipelinedCall call) {
        streams.forEach(each -> each.abandon(call));
    }
}
