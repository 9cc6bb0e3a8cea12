package io.caskade.server.transport;

import io.caskade.api.v1.CopyMessage;
import io.caskade.api.v1.Hello;
import io.caskade.api.v1.ReplicationFrame;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Message;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A stream to another process in one traffic class: the handshake first, then messages both ways, gathered
/// into frames while the one before is written.
///
/// Everything but [#send] and [#abort] is for the event loop of the stream's connection: translating, writing
/// and reading take no other thread.
final class PeerStream {

    private static final long HANDSHAKE_MILLIS = 2000;

    /// What was sent last, a refusal perhaps, should arrive.
    private static final long LINGER_MILLIS = 1000;

    private static final long KEEP_ALIVE_MILLIS = 250;
    private static final long SILENCE_MILLIS = 1000;

    private static final Frame KEEP_ALIVE = new Frame.Content(ReplicationFrame.getDefaultInstance());

    /// Why a stream has ended.
    ///
    /// @param why in words for an operator
    record End(Kind kind, String why) {
        enum Kind {
            BROKEN,
            /// Nothing was heard for too long: no connection to that process is worth anything.
            SILENT,
            /// One side will not speak with the other.
            REFUSED,
            /// This side wants it no more.
            CLOSED
        }
    }

    /// Hears what becomes of a stream, on its event loop.
    interface Listener {

        /// Both sides have said who they are, and messages may be sent.
        void onEstablished(PeerStream stream, NodeIncarnation remote);

        /// Nothing more comes. Called once.
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

    private @Nullable NodeIncarnation remote;
    private boolean ended;
    private boolean quiet = true;
    private long heardAt;
    private long checkedAt;

    /// @param dialed the node that is meant to be reached, null when the other side dialed
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

    /// How many bytes wait to be sent. For any thread.
    long queuedBytes() {
        return sendQueue.bytes();
    }

    /// Sends a message as soon as the connection takes it; when too much waits some is left out, see
    /// [TrafficClass]. For any thread.
    void send(SendQueue.Envelope envelope) {
        if (sendQueue.put(envelope)) {
            loop.execute(this::flush);
        }
    }

    /// Ends the stream at once. For any thread.
    void abort(End why) {
        loop.execute(() -> end(why));
    }

    /// Begins the handshake.
    void begin() {
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

    /// A frame has come; another is asked for when this one is dealt with.
    void onFrame(Frame frame) {
        if (ended) {
            return;
        }
        heardAt = System.nanoTime();
        switch (frame) {
            case Frame.Unreadable(String why) -> refuse("a frame that cannot be read: " + why);
            case Frame.Content(ReplicationFrame content) -> onFrame(content);
        }
        if (!ended) {
            call.request();
        }
    }

    /// The connection takes frames again.
    void onReady() {
        flush();
    }

    /// The other side has ended the call, or the connection is broken.
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
            refuse("a first frame without a hello");
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
                refuse("a message that cannot be read: " + e.getMessage());
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
        while (!ended && remote != null && call.isReady()) {
            List<SendQueue.Envelope> envelopes = sendQueue.take(trafficClass.frameBytes());
            if (envelopes.isEmpty()) {
                return;
            }
            quiet = false;
            call.send(frame(envelopes));
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
                this::onKeepAliveTimer, KEEP_ALIVE_MILLIS, KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS));
    }

    /// What was paused itself has heard nothing through no fault of the other side.
    private void onKeepAliveTimer() {
        long now = System.nanoTime();
        if (millisBetween(checkedAt, now) >= 2 * KEEP_ALIVE_MILLIS) {
            heardAt = now;
        }
        checkedAt = now;
        if (millisBetween(heardAt, now) >= SILENCE_MILLIS) {
            end(new End(End.Kind.SILENT, "nothing heard for " + SILENCE_MILLIS + " ms"));
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
        timers.add(loop.schedule(task, millis, TimeUnit.MILLISECONDS));
    }
}
