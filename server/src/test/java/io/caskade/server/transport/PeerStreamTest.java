package io.caskade.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Timeouts;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerStreamTest {

    private final EventLoop loop = new DefaultEventLoop();
    private final RecordingCall call = new RecordingCall();
    private final List<PeerStream.End> ends = new ArrayList<>();

    @AfterEach
    void stopLoop() {
        loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    @Test
    void aCallThatFailedWhileItWasStartedIsLeftAlone() throws Exception {
        PeerStream stream = stream();
        loop.submit(() -> {
                    stream.onBroken("no such host");
                    stream.begin();
                })
                .get(30, TimeUnit.SECONDS);

        assertThat(call.done).containsExactly("abort");
        assertThat(ends).containsExactly(new PeerStream.End(PeerStream.End.Kind.BROKEN, "no such host"));
    }

    @Test
    void aCallThatWasStartedSaysHello() throws Exception {
        loop.submit(stream()::begin).get(30, TimeUnit.SECONDS);

        assertThat(call.done).containsExactly("send", "request");
        assertThat(ends).isEmpty();
    }

    private PeerStream stream() {
        NodeIncarnation self = new NodeIncarnation("node-1", "x");
        return new PeerStream(
                TrafficClass.HEARTBEATS,
                loop,
                call,
                new Handshake("cluster", self, new Timing(Timeouts.DEFAULT, 50)),
                "node-2",
                new PeerStream.Listener() {
                    @Override
                    public void onEstablished(PeerStream stream, NodeIncarnation remote) {}

                    @Override
                    public void onEnded(PeerStream stream, @Nullable NodeIncarnation remote, PeerStream.End end) {
                        ends.add(end);
                    }
                },
                new RecordingReceiver());
    }

    /// What is done with a call, in order.
    private static final class RecordingCall implements CallControl {

        private final List<String> done = new ArrayList<>();

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void send(Frame frame) {
            done.add("send");
        }

        @Override
        public void request() {
            done.add("request");
        }

        @Override
        public void finish() {
            done.add("finish");
        }

        @Override
        public void abort(String why) {
            done.add("abort");
        }
    }
}
