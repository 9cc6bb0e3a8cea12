package io.caskade.server.transport;

import io.caskade.server.cluster.NodeIncarnation;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.netty.channel.EventLoop;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the nodes that dial this one, in one traffic class.
///
/// gRPC calls it on the event loop of the connection, because the server has no executor of its own.
final class Acceptor implements ServerCallHandler<Frame, Frame>, PeerStream.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    private final TrafficClass trafficClass;
    private final Handshake handshake;
    private final MessageReceiver receiver;
    private final Function<String, PeerConnection> peers;
    private final Supplier<EventLoop> currentLoop;
    private final LogOnce logOnce = new LogOnce();

    /// @param peers looks up a node's connection
    /// @param currentLoop the calling event loop
    Acceptor(
            TrafficClass trafficClass,
            Handshake handshake,
            MessageReceiver receiver,
            Function<String, PeerConnection> peers,
            Supplier<EventLoop> currentLoop) {
        this.trafficClass = trafficClass;
        this.handshake = handshake;
        this.receiver = receiver;
        this.peers = peers;
        this.currentLoop = currentLoop;
    }

    @Override
    public ServerCall.Listener<Frame> startCall(ServerCall<Frame, Frame> call, Metadata headers) {
        call.setOnReadyThreshold(trafficClass.frameBytes());
        call.sendHeaders(new Metadata());
        PeerStream stream = new PeerStream(
                trafficClass, currentLoop.get(), new AcceptedCall(call), handshake, null, this, receiver);
        stream.begin();
        return new Events(stream);
    }

    @Override
    public void onEstablished(PeerStream stream, NodeIncarnation remote) {
        peers.apply(remote.node()).attach(stream, remote);
    }

    @Override
    public void onEnded(PeerStream stream, @Nullable NodeIncarnation remote, PeerStream.End end) {
        if (remote != null) {
            peers.apply(remote.node()).detach(stream, end);
        }
        if (end.kind() == PeerStream.End.Kind.REFUSED && logOnce.shouldLog(end.why())) {
            LOG.warn("replication handshake failed: {}", end.why());
        }
    }

    /// The server's end of a call.
    private static final class AcceptedCall implements CallControl {

        private final ServerCall<Frame, Frame> call;
        private boolean closed;

        AcceptedCall(ServerCall<Frame, Frame> call) {
            this.call = call;
        }

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
            close(Status.OK);
        }

        @Override
        public void abort(String why) {
            close(Status.UNAVAILABLE.withDescription(why));
        }

        private void close(Status status) {
            if (!closed) {
                closed = true;
                call.close(status, new Metadata());
            }
        }
    }

    private static final class Events extends ServerCall.Listener<Frame> {

        private final PeerStream stream;

        Events(PeerStream stream) {
            this.stream = stream;
        }

        @Override
        public void onMessage(Frame frame) {
            stream.onFrame(frame);
        }

        @Override
        public void onReady() {
            stream.onReady();
        }

        @Override
        public void onHalfClose() {
            stream.onBroken("the other side has closed it");
        }

        @Override
        public void onCancel() {
            stream.onBroken("the connection is broken");
        }
    }
}
