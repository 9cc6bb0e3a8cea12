package io.caskade.server.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Batches;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Role;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Which messages of other replicas a busy partition keeps, and in which order it processes them.
class ReceivedMessagesTest {

    private static final NodeIncarnation SENDER = new NodeIncarnation("node-2", "process-9");
    private static final int OLD_EPOCH = 0;

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC);
    private final List<Message> processed = new CopyOnWriteArrayList<>();

    /// An append of so many bytes, of which nothing is read: its epoch is long over.
    private record Bytes(long bytes) implements Batches {}

    private static Message append(long bytes) {
        return new Message.AppendRecords(OLD_EPOCH, 1, 0, 1, 0, 0, 0, 0, new Bytes(bytes));
    }

    private static Message heartbeat(long logEnd) {
        return new Message.Heartbeat(OLD_EPOCH, new ClockReading(0, 0), logEnd, 0, false);
    }

    @Test
    void heartbeatsNeitherLackRoomForAppendsNorWaitBehindThem() throws Exception {
        node.listener = new DriverListener() {
            @Override
            public void stepped(Event event, Role before, Role after, Effects effects) {
                if (event instanceof Event.Received received) {
                    processed.add(received.message());
                }
            }
        };
        PartitionOnOneNode.Life life = node.start();
        CountDownLatch busy = new CountDownLatch(1);
        life.partition().loop().execute(() -> PartitionOnOneNode.awaitQuietly(busy));

        life.partition().onMessage(SENDER, append(9 << 20));
        life.partition().onMessage(SENDER, append(1));
        life.partition().onMessage(SENDER, heartbeat(1));
        life.partition().onMessage(SENDER, heartbeat(2));
        busy.countDown();

        life.stop();
        assertThat(processed).containsExactly(heartbeat(1), heartbeat(2), append(9 << 20));
    }
}
