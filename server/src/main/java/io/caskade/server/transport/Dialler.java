package io.caskade.server.transport;

import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.Leader;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Keeps a stream to another node in one lane: dials, and dials again when it has ended, after a while that grows with
/// each failure. Each attempt has a connection of its own; gRPC's would wait longer and longer between attempts.
///
/// What is not for any thread is for the dialler's event loop.
final class Dialler implements Stream.Host {

    private static final int CONNECT_MILLIS = 1000;
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    /// Past this many failures the pause is at its longest.
    private static final int MOST_DOUBLINGS = 6;

    /// A connection that broke sooner counts as a failure.
    private static final long SOUND_MILLIS = 1000;

    /// What all diallers of a process share.
    ///
    /// @param resolver looks up names, which may block
    record Surroundings(Handshake handshake, Inbox inbox, Executor resolver) {}

    private final Lane lane;
    private final String node;
    private final Peer peer;
    private final EventLoop loop;
    private final Surroundings surroundings;

    private @Nullable Endpoint endpoint;
    private @Nullable Stream stream;
    private @Nullable Leader with;
    private @Nullable Future<?> next;
    private long establishedAt;
    private int failures;
    private boolean stopped;

    Dialler(Lane lane, String node, Peer peer, EventLoop loop, Surroundings surroundings) {
        this.lane = lane;
        this.node = node;
        this.peer = peer;
        this.loop = loop;
        this.surroundings = surroundings;
    }

    /// Has the node dialled at once, where it is now. A stream to another of its processes is ended. For any thread.
    ///
    /// @param incarnation the process that has registered itself there
    void aim(Endpoint at, String incarnation) {
        loop.execute(() -> aimed(at, incarnation));
    }

    /// Ends the stream and dials no more. For any thread.
    void stop() {
        loop.execute(() -> {
            stopped = true;
            cancelNext();
            letGo("it is not registered any more and keeps no copies");
        });
    }

    private void aimed(Endpoint at, String incarnation) {
        boolean moved = !at.equals(endpoint);
        endpoint = at;
        failures = 0;
        boolean stale = with != null && !with.incarnation().equals(incarnation);
        if (stream == null) {
            dial();
        } else if (stale || (with == null && moved)) {
            letGo("another process has registered itself");
        }
    }

    private void letGo(String why) {
        if (stream != null) {
            stream.abort(new Stream.End(Stream.End.Kind.LET_GO, why));
        }
    }

    private void dial() {
        cancelNext();
        Endpoint at = endpoint;
        if (stopped || at == null) {
            return;
        }
        ManagedChannel channel = connection(at);
        ClientCall<Frame, Frame> call =
                channel.newCall(Methods.of(lane), CallOptions.DEFAULT.withOnReadyThreshold(lane.frameBytes()));
        Stream attempt = new Stream(
                lane, loop, new Dialled(call, channel), surroundings.handshake(), node, this, surroundings.inbox());
        stream = attempt;
        call.start(new Events(attempt, loop), new Metadata());
        attempt.begin();
    }

    private ManagedChannel connection(Endpoint at) {
        return NettyChannelBuilder.forAddress(at.host(), at.port())
                .usePlaintext()
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(loop)
                .directExecutor()
                .offloadExecutor(surroundings.resolver())
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .maxInboundMessageSize(Transport.MOST_FRAME_BYTES)
                .flowControlWindow(Transport.WINDOW_BYTES)
                .keepAliveTime(Transport.KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(Transport.KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .proxyDetector(address -> null)
                .disableRetry()
                .disableServiceConfigLookUp()
                .build();
    }

    @Override
    public void established(Stream established, Leader process) {
        establishedAt = System.nanoTime();
        with = process;
        peer.attach(established, process);
    }

    @Override
    public void ended(Stream ended, @Nullable Leader process, Stream.End end) {
        boolean wasSound =
                process != null && TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - establishedAt) >= SOUND_MILLIS;
        failures = wasSound ? 0 : failures + 1;
        stream = null;
        with = null;
        if (process != null) {
            peer.detach(ended, end);
        }
        boolean neverSpoke = process == null && end.kind() != Stream.End.Kind.LET_GO;
        if (neverSpoke || end.kind() == Stream.End.Kind.REFUSED) {
            peer.complain("at " + endpoint + ": " + end.why());
        }
        if (!stopped) {
            next = loop.schedule(this::dial, pauseMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /// Between half of the pause and all of it, so that nodes do not dial in step.
    private long pauseMillis() {
        long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, MOST_DOUBLINGS));
        return ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
    }

    private void cancelNext() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    /// The client's end of a call, with the connection it has for itself.
    private record Dialled(ClientCall<Frame, Frame> call, ManagedChannel connection) implements Call {

        @Override
        public boolean isReady() {
            return call.isReady();
        }

        @Override
        public void send(Frame frame) {
            call.sendMessage(frame);
        }

        @Override
        public void request() {
            call.request(1);
        }

        @Override
        public void finish() {
            call.halfClose();
            connection.shutdown();
        }

        @Override
        public void abort(String why) {
            call.cancel(why, null);
            connection.shutdownNow();
        }
    }

    /// gRPC tells of connections that could not be made on the thread that tried.
    private static final class Events extends ClientCall.Listener<Frame> {

        private final Stream stream;
        private final EventLoop loop;

        Events(Stream stream, EventLoop loop) {
            this.stream = stream;
            this.loop = loop;
        }

        @Override
        public void onMessage(Frame frame) {
            onLoop(() -> stream.received(frame));
        }

        @Override
        public void onReady() {
            onLoop(stream::ready);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            onLoop(() -> stream.broken(why(status)));
        }

        private static String why(Status status) {
            Throwable cause = status.getCause();
            String said = status.getDescription() == null ? status.getCode().toString() : status.getDescription();
            return cause == null || cause.getMessage() == null ? said : said + ": " + cause.getMessage();
        }

        private void onLoop(Runnable event) {
            if (loop.inEventLoop()) {
                event.run();
            } else {
                loop.execute(event);
            }
        }
    }
}
