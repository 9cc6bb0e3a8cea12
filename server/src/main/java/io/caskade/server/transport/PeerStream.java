package io.caskade.server.transport;

import io.caskade.api.v1.CopyMessage;
import io.caskade.api.v1.Hello;
import io.caskade.api.v1.ReplicationFrame;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.loop.UncaughtErrors;
import io.caskade.server.replica.Message;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A stream to another process in one traffic class: the handshake, then messages both ways, batched into
/// frames while the previous frame is written.
///
/// Everything but [#send], [#sendSoon] and [#abort] is for the event loop of the stream's connection: encoding,
/// writing and reading take no other thread.
final class PeerStream {

    private static final long HANDSHAKE_MILLIS = 2000;

    /// Time for the last frame, perhaps a refusal, to arrive.
    private static final long LINGER_MILLIS = 1000;

    private static final long KEEP_ALIVE_MILLIS = 250;
    private static final long SILENCE_MILLIS = 1000;

    private static final Frame KEEP_ALIVE = new Frame.Content(ReplicationFrame.getDefaultInstance());

    /// Why a stream ended.
    ///
    /// @param why human-readable
    record End(Kind kind, String why) {
        enum Kind {
            BROKEN,
            /// Nothing was received for too long: all connections to that process are considered broken.
            SILENT,
            /// One side refused the other.
            REFUSED,
            /// This side closed it.
            CLOSED
        }
    }

    /// Observes a stream, on its event loop.
    interface Listener {

        /// The handshake is complete, and messages may be sent.
        void onEstablished(PeerStream stream, NodeIncarnation remote);

        /// The stream ended. Called once.
        ///
        /// @param remote null when the stream was not established
        void onEnded(PeerStream stream, @Nullable NodeIncarnation remote, End end);
    }

    private final TrafficClass trafficClass;
    private final EventLoop loop;
    private final CallControl call;
    private final Handshake handshake;
    private final @Nullable String dialed;
    private final Listener listener;
    private final MessageReceiver receiver;
    private final SendQueue sendQueue;
    private final List<Future<?>> timers = new ArrayList<>();

    /// Whether a flush is scheduled for messages that are sent soon.
    private final AtomicBoolean flushScheduled = new AtomicBoolean();

    private volatile @Nullable Future<?> scheduledFlush;
    private @Nullable NodeIncarnation remote;
    private @Nullable String notice;
    private boolean ended;
    private boolean quiet = true;
    private long heardAt;
    private long checkedAt;

    /// @param dialed the dialed node; null when the other side dialed
    PeerStream(
            TrafficClass trafficClass,
            EventLoop loop,
            CallControl call,
            Handshake handshake,
            @Nullable String dialed,
            Listener listener,
            MessageReceiver receiver) {
        this.trafficClass = trafficClass;
        this.loop = loop;
        this.call = call;
        this.handshake = handshake;
        this.dialed = dialed;
        this.listener = listener;
        this.receiver = receiver;
        this.sendQueue = trafficClass.newQueue();
    }

    TrafficClass trafficClass() {
        return trafficClass;
    }

    /// What operators should know of the other side since its hello, or null.
    @Nullable
    String notice() {
        return notice;
    }

    /// The bytes queued to be sent. Thread-safe.
    long queuedBytes() {
        return sendQueue.bytes();
    }

    /// Enqueues a message; a full queue drops messages, see [TrafficClass]. Thread-safe.
    void send(SendQueue.Envelope envelope) {
        if (sendQueue.put(envelope)) {
            loop.execute(this::flush);
        }
    }

    /// Enqueues a message that is sent with the next one, or after a delay. Thread-safe.
    void sendSoon(SendQueue.Envelope envelope, long millis) {
        sendQueue.putQuietly(envelope);
        if (flushScheduled.compareAndSet(false, true)) {
            scheduledFlush = loop.schedule(UncaughtErrors.reporting(this::flush), millis, TimeUnit.MILLISECONDS);
        }
    }

    /// Ends the stream at once. Thread-safe.
    void abort(End why) {
        loop.execute(() -> end(why));
    }

    /// Starts the handshake, unless the call failed while it was started, as it does where the name of the
    /// other node's host is known to be unknown.
    void begin() {
        if (ended) {
            return;
        }
        after(HANDSHAKE_MILLIS, () -> {
            if (remote == null) {
                end(new End(End.Kind.BROKEN, "no answer to the handshake within " + HANDSHAKE_MILLIS + " ms"));
            }
        });
        if (dialed != null) {
            sayHello(dialed);
        }
        call.request();
    }

    /// Handles a frame, then requests the next.
    void onFrame(Frame frame) {
        if (ended) {
            return;
        }
        heardAt = System.nanoTime();
        switch (frame) {
            case Frame.Unreadable(String why) -> refuse("malformed frame: " + why);
            case Frame.Content(ReplicationFrame content) -> onFrame(content);
        }
        if (!ended) {
            call.request();
        }
    }

    /// The connection accepts frames again.
    void onReady() {
        flush();
    }

    /// The other side ended the call, or the connection broke.
    void onBroken(String why) {
        end(new End(End.Kind.BROKEN, why));
    }

    private void onFrame(ReplicationFrame frame) {
        NodeIncarnation sender = remote;
        if (!frame.getRefusal().isEmpty()) {
            end(new End(End.Kind.REFUSED, frame.getRefusal()));
        } else if (sender == null) {
            onHello(frame);
        } else {
            deliver(sender, frame.getMessagesList());
        }
    }

    private void onHello(ReplicationFrame frame) {
        if (!frame.hasHello()) {
            refuse("first frame without a hello");
            return;
        }
        Hello hello = frame.getHello();
        Optional<String> objection = handshake.objection(hello, dialed);
        if (objection.isPresent()) {
            refuse(objection.get());
            return;
        }
        NodeIncarnation sender = new NodeIncarnation(
                hello.getSender().getNode(), hello.getSender().getIncarnation());
        if (dialed == null) {
            sayHello(sender.node());
        }
        remote = sender;
        notice = handshake.difference(hello).orElse(null);
        if (trafficClass == TrafficClass.HEARTBEATS) {
            startKeepAlive();
        }
        listener.onEstablished(this, sender);
        deliver(sender, frame.getMessagesList());
    }

    private void deliver(NodeIncarnation sender, List<CopyMessage> messages) {
        for (CopyMessage wire : messages) {
            Message message;
            try {
                message = MessageCodec.decode(wire);
            } catch (IllegalArgumentException e) {
                refuse("malformed message: " + e.getMessage());
                return;
            }
            receiver.onMessage(sender, wire.getPartition(), message);
        }
    }

    private void sayHello(String receiver) {
        call.send(new Frame.Content(ReplicationFrame.newBuilder()
                .setHello(handshake.hello(receiver))
                .build()));
    }

    private void flush() {
        cancelScheduledFlush();
        while (!ended && remote != null && call.isReady()) {
            List<SendQueue.Envelope> envelopes = sendQueue.take(trafficClass.frameBytes());
            if (envelopes.isEmpty()) {
                return;
            }
            quiet = false;
            call.send(frame(envelopes));
        }
    }

    /// The messages that it was scheduled for go now. Before the queue is emptied: a message that comes later
    /// schedules a flush of its own, and is not sent early by one of theirs.
    private void cancelScheduledFlush() {
        Future<?> scheduled = scheduledFlush;
        if (flushScheduled.compareAndSet(true, false) && scheduled != null) {
            scheduled.cancel(false);
        }
    }

    private static Frame frame(List<SendQueue.Envelope> envelopes) {
        ReplicationFrame.Builder frame = ReplicationFrame.newBuilder();
        for (SendQueue.Envelope envelope : envelopes) {
            frame.addMessages(MessageCodec.encode(envelope.partition(), envelope.message()));
        }
        return new Frame.Content(frame.build());
    }

    private void startKeepAlive() {
        heardAt = System.nanoTime();
        checkedAt = heardAt;
        timers.add(loop.scheduleAtFixedRate(
                UncaughtErrors.reporting(this::onKeepAliveTimer),
                KEEP_ALIVE_MILLIS,
                KEEP_ALIVE_MILLIS,
                TimeUnit.MILLISECONDS));
    }

    /// After a pause of this process, its own silence proves nothing about the other side.
    private void onKeepAliveTimer() {
        long now = System.nanoTime();
        if (millisBetween(checkedAt, now) >= 2 * KEEP_ALIVE_MILLIS) {
            heardAt = now;
        }
        checkedAt = now;
        if (millisBetween(heardAt, now) >= SILENCE_MILLIS) {
            end(new End(End.Kind.SILENT, "nothing received for " + SILENCE_MILLIS + " ms"));
            return;
        }
        if (quiet && call.isReady()) {
            call.send(KEEP_ALIVE);
        }
        quiet = true;
    }

    private static long millisBetween(long earlier, long later) {
        return TimeUnit.NANOSECONDS.toMillis(later - earlier);
    }

    private void refuse(String why) {
        call.send(
                new Frame.Content(ReplicationFrame.newBuilder().setRefusal(why).build()));
        markEnded(new End(End.Kind.REFUSED, why));
        call.finish();
        Future<?> _ = loop.schedule(() -> call.abort(why), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void end(End end) {
        if (!ended) {
            markEnded(end);
            call.abort(end.why());
        }
    }

    private void markEnded(End end) {
        ended = true;
        timers.forEach(timer -> timer.cancel(false));
        sendQueue.clear();
        listener.onEnded(this, remote, end);
    }

    private void after(long millis, Runnable task) {
        timers.add(loop.schedule(UncaughtErrors.reporting(task), millis, TimeUnit.MILLISECONDS));
    }
}
