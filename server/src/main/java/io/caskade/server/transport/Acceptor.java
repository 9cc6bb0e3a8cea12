package io.caskade.server.transport;

import io.caskade.server.cluster.Leader;
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

/// Answers the nodes that dial this one, in one lane.
///
/// gRPC calls it on the event loop of the connection, because the server has no executor of its own.
final class Acceptor implements ServerCallHandler<Frame, Frame>, Stream.Host {

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    private final Lane lane;
    private final Handshake handshake;
    private final Inbox inbox;
    private final Function<String, Peer> peers;
    private final Supplier<EventLoop> currentLoop;
    private final Complaints complaints = new Complaints();

    /// @param peers finds the peer for a node
    /// @param currentLoop the event loop that asks
    Acceptor(
            Lane lane,
            Handshake handshake,
            Inbox inbox,
            Function<String, Peer> peers,
            Supplier<EventLoop> currentLoop) {
        this.lane = lane;
        this.handshake = handshake;
        this.inbox = inbox;
        this.peers = peers;
        this.currentLoop = currentLoop;
    }

    @Override
    public ServerCall.Listener<Frame> startCall(ServerCall<Frame, Frame> call, Metadata headers) {
        call.setOnReadyThreshold(lane.frameBytes());
        call.sendHeaders(new Metadata());
        Stream stream = new Stream(lane, currentLoop.get(), new Accepted(call), handshake, null, this, inbox);
        stream.begin();
        return new Events(stream);
    }

    @Override
    public void established(Stream stream, Leader with) {
        peers.apply(with.node()).attach(stream, with);
    }

    @Override
    public void ended(Stream stream, @Nullable Leader with, Stream.End end) {
        if (with != null) {
            peers.apply(with.node()).detach(stream, end);
        }
        if (end.kind() == Stream.End.Kind.REFUSED && complaints.isNew(end.why())) {
            LOG.warn("a node that has dialled this one is refused, or refuses: {}", end.why());
        }
    }

    /// The server's end of a call.
    private static final class Accepted implements Call {

        private final ServerCall<Frame, Frame> call;
        private boolean closed;

        Accepted(ServerCall<Frame, Frame> call) {
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

        private final Stream stream;

        Events(Stream stream) {
            this.stream = stream;
        }

        @Override
        public void onMessage(Frame frame) {
            stream.received(frame);
        }

        @Override
        public void onReady() {
            stream.ready();
        }

        @Override
        public void onHalfClose() {
            stream.broken("the other side has closed it");
        }

        @Override
        public void onCancel() {
            stream.broken("the connection is broken");
        }
    }
}
