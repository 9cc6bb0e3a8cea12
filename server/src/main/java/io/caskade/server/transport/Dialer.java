package io.caskade.server.transport;

import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.loop.Sockets;
import io.caskade.server.loop.UncaughtErrors;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Maintains a stream to another node in one traffic class: dials, and dials again when it has ended, with
/// exponential backoff. Each attempt has its own connection; gRPC's own backoff would grow too long.
///
/// Methods that are not thread-safe are for the dialer's event loop.
final class Dialer implements PeerStream.Listener {

    private static final int CONNECT_MILLIS = 1000;
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long MAX_PAUSE_MILLIS = 500;

    /// After this many failures the pause no longer grows.
    private static final int MAX_DOUBLINGS = 6;

    /// A connection that broke sooner counts as a failure.
    private static final long STABLE_MILLIS = 1000;

    /// The dependencies that all dialers of a process share.
    ///
    /// @param resolver looks up names, which may block
    record Dependencies(Handshake handshake, MessageReceiver receiver, Executor resolver) {}

    private final TrafficClass trafficClass;
    private final String node;
    private final PeerConnection connection;
    private final EventLoop loop;
    private final Dependencies dependencies;

    private @Nullable Endpoint endpoint;
    private @Nullable PeerStream stream;
    private @Nullable NodeIncarnation remote;
    private @Nullable Future<?> next;
    private long establishedAt;
    private int failures;
    private boolean stopped;

    Dialer(
            TrafficClass trafficClass,
            String node,
            PeerConnection connection,
            EventLoop loop,
            Dependencies dependencies) {
        this.trafficClass = trafficClass;
        this.node = node;
        this.connection = connection;
        this.loop = loop;
        this.dependencies = dependencies;
    }

    /// Dials the node's current address at once. Ends a stream to another of its processes. Thread-safe.
    ///
    /// @param incarnation the registered incarnation
    void setTarget(Endpoint at, String incarnation) {
        loop.execute(() -> retarget(at, incarnation));
    }

    /// Ends the stream and stops dialing. Thread-safe.
    void stop() {
        loop.execute(() -> {
            stopped = true;
            cancelNext();
            closeStream("the node is unregistered and has no replicas");
        });
    }

    private void retarget(Endpoint at, String incarnation) {
        boolean moved = !at.equals(endpoint);
        endpoint = at;
        failures = 0;
        boolean stale = remote != null && !remote.incarnation().equals(incarnation);
        if (stream == null) {
            dial();
        } else if (stale || (remote == null && moved)) {
            closeStream("another incarnation has registered");
        }
    }

    private void closeStream(String why) {
        if (stream != null) {
            stream.abort(new PeerStream.End(PeerStream.End.Kind.CLOSED, why));
        }
    }

    private void dial() {
        cancelNext();
        Endpoint at = endpoint;
        if (stopped || at == null) {
            return;
        }
        ManagedChannel channel = connection(at);
        ClientCall<Frame, Frame> call = channel.newCall(
                ReplicationMethods.of(trafficClass),
                CallOptions.DEFAULT.withOnReadyThreshold(trafficClass.frameBytes()));
        PeerStream attempt = new PeerStream(
                trafficClass,
                loop,
                new DialedCall(call, channel),
                dependencies.handshake(),
                node,
                this,
                dependencies.receiver());
        stream = attempt;
        call.start(new Events(attempt, loop), new Metadata());
        attempt.begin();
    }

    private ManagedChannel connection(Endpoint at) {
        return NettyChannelBuilder.forAddress(at.host(), at.port())
                .usePlaintext()
                .channelType(Sockets.BEST.client())
                .eventLoopGroup(loop)
                .directExecutor()
                .offloadExecutor(dependencies.resolver())
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .maxInboundMessageSize(Transport.MAX_FRAME_BYTES)
                .flowControlWindow(Transport.WINDOW_BYTES)
                .keepAliveTime(Transport.KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(Transport.KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .proxyDetector(address -> null)
                .disableRetry()
                .disableServiceConfigLookUp()
                .build();
    }

    @Override
    public void onEstablished(PeerStream established, NodeIncarnation incarnation) {
        establishedAt = System.nanoTime();
        remote = incarnation;
        connection.attach(established, incarnation);
    }

    @Override
    public void onEnded(PeerStream ended, @Nullable NodeIncarnation incarnation, PeerStream.End end) {
        boolean wasSound = incarnation != null
                && TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - establishedAt) >= STABLE_MILLIS;
        failures = wasSound ? 0 : failures + 1;
        stream = null;
        remote = null;
        if (incarnation != null) {
            connection.detach(ended, end);
        }
        boolean neverSpoke = incarnation == null && end.kind() != PeerStream.End.Kind.CLOSED;
        if (neverSpoke || end.kind() == PeerStream.End.Kind.REFUSED) {
            connection.warnOnce("at " + endpoint + ": " + end.why());
        }
        if (!stopped) {
            next = loop.schedule(UncaughtErrors.reporting(this::dial), pauseMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /// A random part of the pause, at least half, so that nodes do not dial in step.
    private long pauseMillis() {
        long pause = Math.min(MAX_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, MAX_DOUBLINGS));
        return ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
    }

    private void cancelNext() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    /// The client's end of a call, with its own connection.
    private record DialedCall(ClientCall<Frame, Frame> call, ManagedChannel connection) implements CallControl {

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

    /// gRPC reports a failed connection on the thread that tried.
    private static final class Events extends ClientCall.Listener<Frame> {

        private final PeerStream stream;
        private final EventLoop loop;

        Events(PeerStream stream, EventLoop loop) {
            this.stream = stream;
            this.loop = loop;
        }

        @Override
        public void onMessage(Frame frame) {
            onLoop(() -> stream.onFrame(frame));
        }

        @Override
        public void onReady() {
            onLoop(stream::onReady);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            onLoop(() -> stream.onBroken(why(status)));
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
