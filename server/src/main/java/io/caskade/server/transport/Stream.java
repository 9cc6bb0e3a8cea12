package io.caskade.server.transport;

import io.caskade.api.v1.CopyMessage;
import io.caskade.api.v1.Hello;
import io.caskade.api.v1.ReplicationFrame;
import io.caskade.server.cluster.Leader;
import io.caskade.server.replica.Message;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A stream to another process in one lane: the handshake first, then messages both ways, gathered into frames while
/// the one before is written.
///
/// Everything but [#send] and [#abort] is for the event loop of the stream's connection: translating, writing and
/// reading take no other thread.
final class Stream {

    private static final long HANDSHAKE_MILLIS = 2000;

    /// What was sent last, a refusal perhaps, should arrive.
    private static final long FAREWELL_MILLIS = 1000;

    private static final long HEARTBEAT_MILLIS = 250;
    private static final long SILENCE_MILLIS = 1000;

    private static final Frame HEARTBEAT = new Frame.Content(ReplicationFrame.getDefaultInstance());

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
            LET_GO
        }
    }

    /// Hears what becomes of a stream, on its event loop.
    interface Host {

        /// Both sides have said who they are, and messages may be sent.
        void established(Stream stream, Leader with);

        /// Nothing more comes. Called once.
        ///
        /// @param with null when the stream was not established
        void ended(Stream stream, @Nullable Leader with, End end);
    }

    private final Lane lane;
    private final EventLoop loop;
    private final Call call;
    private final Handshake handshake;
    private final @Nullable String dialled;
    private final Host host;
    private final Inbox inbox;
    private final Outbox outbox;
    private final List<Future<?>> timers = new ArrayList<>();

    private @Nullable Leader with;
    private boolean ended;
    private boolean quiet = true;
    private long heardAt;
    private long lookedAt;

    /// @param dialled the node that is meant to be reached, null when the other side dialled
    Stream(
            Lane lane,
            EventLoop loop,
            Call call,
            Handshake handshake,
            @Nullable String dialled,
            Host host,
            Inbox inbox) {
        this.lane = lane;
        this.loop = loop;
        this.call = call;
        this.handshake = handshake;
        this.dialled = dialled;
        this.host = host;
        this.inbox = inbox;
        this.outbox = lane.outbox();
    }

    Lane lane() {
        return lane;
    }

    /// How many bytes wait to be sent. For any thread.
    long waitingBytes() {
        return outbox.bytes();
    }

    /// Sends a message as soon as the connection takes it; when too much waits some is left out, see [Lane]. For any
    /// thread.
    void send(Outbox.Letter letter) {
        if (outbox.put(letter)) {
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
            if (with == null) {
                end(new End(End.Kind.BROKEN, "no answer to the handshake within " + HANDSHAKE_MILLIS + " ms"));
            }
        });
        if (dialled != null) {
            sayHello(dialled);
        }
        call.request();
    }

    /// A frame has come; another is asked for when this one is dealt with.
    void received(Frame frame) {
        if (ended) {
            return;
        }
        heardAt = System.nanoTime();
        switch (frame) {
            case Frame.Unreadable(String why) -> refuse("a frame that cannot be read: " + why);
            case Frame.Content(ReplicationFrame content) -> received(content);
        }
        if (!ended) {
            call.request();
        }
    }

    /// The connection takes frames again.
    void ready() {
        flush();
    }

    /// The other side has ended the call, or the connection is broken.
    void broken(String why) {
        end(new End(End.Kind.BROKEN, why));
    }

    private void received(ReplicationFrame frame) {
        Leader from = with;
        if (!frame.getRefusal().isEmpty()) {
            end(new End(End.Kind.REFUSED, frame.getRefusal()));
        } else if (from == null) {
            greet(frame);
        } else {
            deliver(from, frame.getMessagesList());
        }
    }

    private void greet(ReplicationFrame frame) {
        if (!frame.hasHello()) {
            refuse("a first frame without a hello");
            return;
        }
        Hello hello = frame.getHello();
        Optional<String> objection = handshake.objection(hello, dialled);
        if (objection.isPresent()) {
            refuse(objection.get());
            return;
        }
        Leader sender =
                new Leader(hello.getSender().getNode(), hello.getSender().getIncarnation());
        if (dialled == null) {
            sayHello(sender.node());
        }
        with = sender;
        if (lane == Lane.BEACONS) {
            watch();
        }
        host.established(this, sender);
        deliver(sender, frame.getMessagesList());
    }

    private void deliver(Leader from, List<CopyMessage> messages) {
        for (CopyMessage wire : messages) {
            Message message;
            try {
                message = Translation.fromWire(wire);
            } catch (IllegalArgumentException e) {
                refuse("a message that cannot be read: " + e.getMessage());
                return;
            }
            inbox.received(from, wire.getPartition(), message);
        }
    }

    private void sayHello(String receiver) {
        call.send(new Frame.Content(ReplicationFrame.newBuilder()
                .setHello(handshake.hello(receiver))
                .build()));
    }

    private void flush() {
        while (!ended && with != null && call.isReady()) {
            List<Outbox.Letter> letters = outbox.take(lane.frameBytes());
            if (letters.isEmpty()) {
                return;
            }
            quiet = false;
            call.send(frame(letters));
        }
    }

    private static Frame frame(List<Outbox.Letter> letters) {
        ReplicationFrame.Builder frame = ReplicationFrame.newBuilder();
        for (Outbox.Letter letter : letters) {
            frame.addMessages(Translation.toWire(letter.partition(), letter.message()));
        }
        return new Frame.Content(frame.build());
    }

    private void watch() {
        heardAt = System.nanoTime();
        lookedAt = heardAt;
        timers.add(loop.scheduleAtFixedRate(this::beat, HEARTBEAT_MILLIS, HEARTBEAT_MILLIS, TimeUnit.MILLISECONDS));
    }

    /// What was paused itself has heard nothing through no fault of the other side.
    private void beat() {
        long now = System.nanoTime();
        if (millisBetween(lookedAt, now) >= 2 * HEARTBEAT_MILLIS) {
            heardAt = now;
        }
        lookedAt = now;
        if (millisBetween(heardAt, now) >= SILENCE_MILLIS) {
            end(new End(End.Kind.SILENT, "nothing heard for " + SILENCE_MILLIS + " ms"));
            return;
        }
        if (quiet && call.isReady()) {
            call.send(HEARTBEAT);
        }
        quiet = true;
    }

    private static long millisBetween(long earlier, long later) {
        return TimeUnit.NANOSECONDS.toMillis(later - earlier);
    }

    private void refuse(String why) {
        call.send(
                new Frame.Content(ReplicationFrame.newBuilder().setRefusal(why).build()));
        finished(new End(End.Kind.REFUSED, why));
        call.finish();
        Future<?> _ = loop.schedule(() -> call.abort(why), FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void end(End end) {
        if (!ended) {
            finished(end);
            call.abort(end.why());
        }
    }

    private void finished(End end) {
        ended = true;
        timers.forEach(timer -> timer.cancel(false));
        outbox.clear();
        host.ended(this, with, end);
    }

    private void after(long millis, Runnable task) {
        timers.add(loop.schedule(task, millis, TimeUnit.MILLISECONDS));
    }
}
