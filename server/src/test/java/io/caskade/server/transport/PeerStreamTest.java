package io.caskade.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.v1.ReplicationFrame;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Timeouts;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
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

    /// A timer that it does not need any more would send the next ones early, in frames of their own.
    @Test
    void aMessageThatMayWaitWaitsItsOwnTimeAfterAnEarlierOneHasGone() {
        EmbeddedChannel time = new EmbeddedChannel();
        time.freezeTime();
        PeerStream stream = establish(stream(time.eventLoop()));

        stream.sendSoon(envelope(1), 75);
        pass(time, 50);
        assertThat(call.messagesPerFrame()).isEmpty();
        stream.send(envelope(2));
        pass(time, 10);
        assertThat(call.messagesPerFrame()).as("the one that waited goes along").containsExactly(2);
        stream.sendSoon(envelope(3), 75);
        pass(time, 74);
        assertThat(call.messagesPerFrame()).hasSize(1);
        pass(time, 1);
        assertThat(call.messagesPerFrame()).containsExactly(2, 1);
        time.finishAndReleaseAll();
    }

    private static void pass(EmbeddedChannel time, long millis) {
        time.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        time.runPendingTasks();
    }

    private static SendQueue.Envelope envelope(long round) {
        return new SendQueue.Envelope(0, new Message.PreVoteRequest(1, round));
    }

    private PeerStream establish(PeerStream stream) {
        stream.begin();
        stream.onFrame(new Frame.Content(ReplicationFrame.newBuilder()
                .setHello(handshake("node-2").hello("node-1"))
                .build()));
        call.sent.clear();
        return stream;
    }

    private static Handshake handshake(String node) {
        return new Handshake("cluster", new NodeIncarnation(node, "x"), new Timing(Timeouts.DEFAULT, 50));
    }

    private PeerStream stream() {
        return stream(loop);
    }

    private PeerStream stream(EventLoop ofConnection) {
        return new PeerStream(
                TrafficClass.HEARTBEATS,
                ofConnection,
                call,
                handshake("node-1"),
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
        private final List<Frame> sent = new ArrayList<>();

        List<Integer> messagesPerFrame() {
            return sent.stream()
                    .map(frame -> frame instanceof Frame.Content content
                            ? content.frame().getMessagesCount()
                            : 0)
                    .toList();
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void send(Frame frame) {
            done.add("send");
            sent.add(frame);
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
