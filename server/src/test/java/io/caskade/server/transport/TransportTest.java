package io.caskade.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caskade.api.v1.Hello;
import io.caskade.api.v1.ReplicationFrame;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Timeouts;
import io.caskade.settings.HostPort;
import io.caskade.testing.FreePorts;
import io.caskade.testing.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Nodes that speak over real sockets. `node-1` dials `node-2`.
class TransportTest {

    private static final String CLUSTER = "the cluster";
    private static final int PARTITION = 3;
    private static final Timing TIMING = new Timing(Timeouts.DEFAULT, 50);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final EventLoops loops = EventLoops.start(2, error -> {
        throw error;
    });
    private final RecordingReceiver inbox1 = new RecordingReceiver();
    private final RecordingReceiver inbox2 = new RecordingReceiver();
    private final LogLines log = LogLines.open();
    private Transport one;
    private Transport two;

    @BeforeEach
    void openTwoNodes() throws IOException {
        one = open(CLUSTER, "node-1", "a", 0, inbox1);
        // Tests let another process have the port again.
        two = open(CLUSTER, "node-2", "b", FreePorts.next(), inbox2);
    }

    @AfterEach
    void closeEverything() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        loops.close();
        log.close();
    }

    /// What arrives, and what is dropped.
    @Nested
    class Messages {

        @Test
        void messagesOfBothTrafficClassesFlowBothWaysWithTheirSender() {
            connect();

            one.send("node-2", PARTITION, new Message.PreVoteRequest(1, 2));
            two.send("node-1", PARTITION, new Message.AppendAck(1, 2, 3, 4));

            await().until(() -> inbox2.onMessage()
                    .contains(new RecordingReceiver.Received(
                            new NodeIncarnation("node-1", "a"), PARTITION, new Message.PreVoteRequest(1, 2))));
            await().until(() -> inbox1.onMessage()
                    .contains(new RecordingReceiver.Received(
                            new NodeIncarnation("node-2", "b"), PARTITION, new Message.AppendAck(1, 2, 3, 4))));
        }

        @Test
        void aRoutineGrantWaitsForTheNextMessageOfItsStream() {
            connect();
            two.pace(new Pacing(60_000, 0));
            Message first = grant(1);
            Message routine = grant(2);
            Message next = new Message.PreVoteRequest(1, 2);

            two.send("node-1", PARTITION, first);
            await().until(() -> inbox1.messages().equals(List.of(first)));
            two.send("node-1", PARTITION, routine);
            assertThat(two.queuedBytes("node-1", TrafficClass.HEARTBEATS)).isPositive();
            two.send("node-1", PARTITION, next);

            await().until(() -> inbox1.messages().equals(List.of(first, routine, next)));
        }

        @Test
        void aRoutineGrantIsSentInTimeWithoutAnother() {
            connect();
            two.pace(new Pacing(20, 0));

            List<Message> grants = List.of(grant(1), grant(2), grant(3));
            grants.forEach(grant -> two.send("node-1", PARTITION, grant));

            await().until(() -> inbox1.messages().equals(grants));
        }

        private static Message grant(long sentAt) {
            return new Message.LeaseGrant(
                    1, new CopyId("node-2", "copy"), new ClockReading(sentAt, sentAt), 2000, true);
        }

        @Test
        void everyKindOfMessageArrivesUnchangedAndInOrder() {
            connect();
            RandomMessages random = new RandomMessages(7);
            List<Message> sent = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                sent.add(random.any());
            }

            sent.forEach(message -> one.send("node-2", PARTITION, message));

            await().until(() -> inbox2.messages().size() == sent.size());
            for (TrafficClass trafficClass : TrafficClass.values()) {
                Predicate<Message> ofTrafficClass = message -> TrafficClass.of(message) == trafficClass;
                assertThat(inbox2.messages().stream().filter(ofTrafficClass))
                        .containsExactlyElementsOf(
                                sent.stream().filter(ofTrafficClass).toList());
            }
        }

        @Test
        void anAppendOf16MiBArrivesWhole() {
            connect();
            byte[] batches = new byte[16 << 20];
            new Random(1).nextBytes(batches);

            one.send("node-2", PARTITION, MessageCodecTest.chunk(batches));

            await().until(() -> inbox2.messages().equals(List.of(MessageCodecTest.chunk(batches))));
        }

        @Test
        void anOversizedMessageIsNotSentAndIsLogged() {
            connect();

            one.send("node-2", PARTITION, MessageCodecTest.chunk(new byte[Transport.MAX_MESSAGE_BYTES]));
            one.send("node-2", PARTITION, new Message.StreamClosed(1, 1));

            await().until(() -> inbox2.messages().equals(List.of(new Message.StreamClosed(1, 1))));
            assertThat(log.lines())
                    .anyMatch(line -> line.matches("partition 3: dropping \\d+-byte message to node-2: exceeds .*"));
        }

        @Test
        void messagesToAnAbsentNodeAreDropped() {
            one.send("node-9", PARTITION, new Message.StreamClosed(1, 1));
            connect();
            one.send("node-2", PARTITION, new Message.StreamClosed(1, 2));

            await().until(() -> inbox2.messages().equals(List.of(new Message.StreamClosed(1, 2))));
        }

        @Test
        void aNodeThatStopsReadingQueuesNoMoreThanTheBoundAndStillGetsHeartbeats() {
            RawPeer logs = dial("node-0", TrafficClass.LOGS);
            RawPeer heartbeats = dial("node-0", TrafficClass.HEARTBEATS);
            heartbeats.ask(Integer.MAX_VALUE);
            heartbeats.beat();
            await().until(() -> two.isConnectedTo("node-0"));
            byte[] batches = new byte[1 << 20];

            for (int i = 0; i < 200; i++) {
                two.send("node-0", PARTITION, MessageCodecTest.chunk(batches));
            }
            two.send("node-0", PARTITION, new Message.PreVoteRequest(1, 77));

            await().until(() -> heartbeats.frames().stream().anyMatch(frame -> preVoteRound(frame) == 77));
            long bound = 32 << 20;
            assertThat(two.queuedBytes("node-0", TrafficClass.LOGS)).isBetween(bound / 2, bound);
            assertThat(logs.frames()).hasSize(1);
            assertThat(two.isConnectedTo("node-0")).isTrue();
        }
    }

    /// Who is refused, and what the logs say.
    @Nested
    class Refusals {

        @Test
        void aPortInUseIsAnError() {
            assertThatThrownBy(() -> open(CLUSTER, "node-3", "c", one.port(), new RecordingReceiver()))
                    .isInstanceOf(IOException.class);
        }

        @Test
        void anotherClustersNodeIsRefusedAndBothLogsSayWhy() throws Exception {
            Transport foreigner = open("another cluster", "node-3", "c", 0, new RecordingReceiver());

            one.imageChanged(image(node("node-3", "c", foreigner.port())));

            String why =
                    "node-1 is of cluster the cluster, node-3 of cluster another cluster: see zookeeper.connect and"
                            + " zookeeper.root of both";
            await().until(() ->
                    log.lines().contains("node node-3: unreachable: at 127.0.0.1:" + foreigner.port() + ": " + why));
            await().until(() -> log.lines().contains("replication handshake failed: " + why));
            assertThat(one.isConnectedTo("node-3")).isFalse();
        }

        @Test
        void aNodeOtherThanTheOneDialedIsRefused() {
            one.imageChanged(image(node("node-3", "c", two.port())));

            await().until(
                            () -> log.lines()
                                    .contains(
                                            "node node-3: unreachable: at 127.0.0.1:" + two.port()
                                                    + ": node-2 was reached where node-3 was meant: see listeners.replication.advertised of both"));
        }

        @Test
        void bothLogsSayOnceHowTheTimesOfTwoNodesDiffer() throws Exception {
            Timing slow = new Timing(new Timeouts(5000, 6000, 150, 5000, 3000), 50);
            Transport three = open(CLUSTER, "node-3", "c", 0, slow, new RecordingReceiver());

            one.imageChanged(image(node("node-3", "c", three.port())));

            String end = ": the shorter ones count for leases, the longer ones for elections; set both alike on all"
                    + " nodes";
            String atOne = "node node-3: node-3 has replication.lease 5000ms and replication.grace 6000ms, node-1 has"
                    + " 350ms and 500ms" + end;
            String atThree = "node node-1: node-1 has replication.lease 350ms and replication.grace 500ms, node-3 has"
                    + " 5000ms and 6000ms" + end;
            await().until(() -> one.isConnectedTo("node-3") && three.isConnectedTo("node-1"));
            assertThat(log.lines()).containsOnlyOnce(atOne, atThree);
        }

        @Test
        void anotherVersionOfTheProtocolIsRefused() throws Exception {
            Hello newer = new Handshake(CLUSTER, new NodeIncarnation("node-1", "a"), TIMING)
                    .hello("node-2").toBuilder().setProtocolVersion(99).build();

            assertThat(refusalOf(ReplicationFrame.newBuilder()
                            .setHello(newer)
                            .build()
                            .toByteArray()))
                    .isEqualTo("node-1 speaks version 99 of the replication protocol, node-2 version 1: run compatible"
                            + " releases");
        }

        @Test
        void bytesThatAreNoFrameAreRefused() throws Exception {
            assertThat(refusalOf(new byte[] {(byte) 0xff, 1, 2, 3})).startsWith("malformed frame: ");
        }

        @Test
        void aMessageBeforeTheHandshakeIsRefused() throws Exception {
            assertThat(refusalOf(ReplicationFrame.newBuilder()
                            .addMessages(MessageCodec.encode(PARTITION, new Message.StreamClosed(1, 1)))
                            .build()
                            .toByteArray()))
                    .isEqualTo("first frame without a hello");
            assertThat(inbox2.onMessage()).isEmpty();
        }
    }

    /// How connections are lost and made again.
    @Nested
    class Connections {

        @Test
        void aNodeSilentForASecondLosesAllItsConnections() {
            RawPeer logs = dial("node-0", TrafficClass.LOGS);
            await().until(() -> logs.frames().size() == 1);
            RawPeer heartbeats = dial("node-0", TrafficClass.HEARTBEATS);
            heartbeats.ask(Integer.MAX_VALUE);

            await().until(() -> inbox2.onDisconnected().equals(List.of("node-0")));
            await().until(() -> logs.closed().isDone() && heartbeats.closed().isDone());
            assertThat(log.lines()).anyMatch(line -> line.startsWith("node node-0: connection lost: "));
        }

        @Test
        void bothSidesNoticeADisconnectAtOnce() throws Exception {
            connect();

            two.close();

            await().atMost(1, TimeUnit.SECONDS)
                    .until(() -> inbox1.onDisconnected().equals(List.of("node-2")));
            assertThat(one.isConnectedTo("node-2")).isFalse();
        }

        @Test
        void anotherProcessOnTheSamePortIsAnotherIncarnation() throws Exception {
            connect();
            int port = two.port();
            two.close();

            RecordingReceiver restarted = new RecordingReceiver();
            Transport again = open(CLUSTER, "node-2", "b2", port, restarted);
            await().until(() -> one.isConnectedTo("node-2") && again.isConnectedTo("node-1"));
            one.send("node-2", PARTITION, new Message.StreamClosed(1, 1));
            again.send("node-1", PARTITION, new Message.StreamClosed(2, 2));

            await().until(() -> restarted.messages().equals(List.of(new Message.StreamClosed(1, 1))));
            await().until(() -> inbox1.onMessage()
                    .equals(List.of(new RecordingReceiver.Received(
                            new NodeIncarnation("node-2", "b2"), PARTITION, new Message.StreamClosed(2, 2)))));
            await().until(() -> inbox1.onDisconnected().equals(List.of("node-2")));
        }

        @Test
        void aNodeThatRegistersElsewhereIsReachedThere() throws Exception {
            connect();

            RecordingReceiver moved = new RecordingReceiver();
            Transport elsewhere = open(CLUSTER, "node-2", "b2", 0, moved);
            one.imageChanged(image(node("node-2", "b2", elsewhere.port())));

            await().until(() -> elsewhere.isConnectedTo("node-1") && one.isConnectedTo("node-2"));
            one.send("node-2", PARTITION, new Message.StreamClosed(1, 1));
            await().until(() -> moved.messages().equals(List.of(new Message.StreamClosed(1, 1))));
            await().until(() -> inbox1.onDisconnected().equals(List.of("node-2")));
        }

        @Test
        void aNodeThatLeftTheImageIsDisconnected() {
            connect();

            one.imageChanged(image());

            await().until(() -> !one.isConnectedTo("node-2") && !two.isConnectedTo("node-1"));
            await().until(() -> inbox2.onDisconnected().equals(List.of("node-1")));
        }

        @Test
        void brokenConnectionsAreMadeAgainAndLoggedOnce() throws Exception {
            TcpProxy proxy = connectThroughAProxy();

            proxy.cut();
            await().until(() -> inbox1.onDisconnected().equals(List.of("node-2"))
                    && inbox2.onDisconnected().equals(List.of("node-1")));
            proxy.heal();
            await().until(() -> one.isConnectedTo("node-2") && two.isConnectedTo("node-1"));

            one.send("node-2", PARTITION, new Message.StreamClosed(1, 1));
            await().until(() -> inbox2.messages().equals(List.of(new Message.StreamClosed(1, 1))));
            assertThat(log.lines().stream().filter(line -> line.startsWith("node node-2: connection lost")))
                    .hasSize(1);
            assertThat(log.lines().stream().filter(line -> line.startsWith("node node-2: connected")))
                    .hasSize(2);
        }

        @Test
        void bothSidesNoticeASilentConnection() throws Exception {
            TcpProxy proxy = connectThroughAProxy();

            proxy.swallow();

            await().until(() -> inbox1.onDisconnected().equals(List.of("node-2"))
                    && inbox2.onDisconnected().equals(List.of("node-1")));
            assertThat(log.lines()).contains("node node-2: connection lost: nothing received for 1000 ms");
            proxy.heal();
            await().until(() -> one.isConnectedTo("node-2") && two.isConnectedTo("node-1"));
        }
    }

    private void connect() {
        one.imageChanged(image(node("node-2", "b", two.port())));
        await().until(() -> one.isConnectedTo("node-2") && two.isConnectedTo("node-1"));
    }

    private TcpProxy connectThroughAProxy() throws IOException {
        TcpProxy proxy = new TcpProxy(new HostPort("127.0.0.1", two.port()));
        open.push(proxy);
        one.imageChanged(image(node("node-2", "b", proxy.address().port())));
        await().until(() -> one.isConnectedTo("node-2") && two.isConnectedTo("node-1"));
        return proxy;
    }

    private Transport open(String cluster, String node, String incarnation, int port, MessageReceiver receiver)
            throws IOException {
        return open(cluster, node, incarnation, port, TIMING, receiver);
    }

    private Transport open(
            String cluster, String node, String incarnation, int port, Timing timing, MessageReceiver receiver)
            throws IOException {
        Transport transport = Transport.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                cluster,
                new NodeIncarnation(node, incarnation),
                timing,
                loops);
        transport.deliverTo(receiver);
        open.push(transport::close);
        return transport;
    }

    private RawPeer dial(String node, TrafficClass trafficClass) {
        RawPeer peer = new RawPeer(two.port(), trafficClass);
        open.push(peer);
        peer.ask(1);
        peer.send(ReplicationFrame.newBuilder()
                .setHello(new Handshake(CLUSTER, new NodeIncarnation(node, "raw"), TIMING).hello("node-2"))
                .build()
                .toByteArray());
        return peer;
    }

    private String refusalOf(byte[] firstFrame) throws Exception {
        try (RawPeer peer = new RawPeer(two.port(), TrafficClass.LOGS)) {
            peer.ask(10);
            peer.send(firstFrame);
            assertThat(peer.closed().get(10, TimeUnit.SECONDS).isOk()).isTrue();
            String refusal =
                    ReplicationFrame.parseFrom(peer.frames().getFirst()).getRefusal();
            assertThat(log.lines()).contains("replication handshake failed: " + refusal);
            return refusal;
        }
    }

    private static long preVoteRound(byte[] frame) {
        try {
            return ReplicationFrame.parseFrom(ByteBuffer.wrap(frame)).getMessagesList().stream()
                    .mapToLong(message -> message.getPreVoteRequest().getRound())
                    .sum();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static NodeInfo node(String id, String incarnation, int port) {
        return new NodeInfo(id, incarnation, "", null, new Endpoint("127.0.0.1", port), null, null, "test");
    }

    private static ClusterImage image(NodeInfo... nodes) {
        ClusterImage image = ClusterImage.empty(new ClusterSettings(CLUSTER, 1));
        for (NodeInfo node : nodes) {
            image = image.with(node);
        }
        return image;
    }
}
