package io.caskade.server.transport;

import io.caskade.server.cluster.Leader;
import io.caskade.server.replica.Message;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps what it is given. Safe for use by any thread.
final class RecordingInbox implements Inbox {

    /// A message, and who sent it.
    record Received(Leader from, int partition, Message message) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<String> lost = new CopyOnWriteArrayList<>();

    @Override
    public void received(Leader from, int partition, Message message) {
        received.add(new Received(from, partition, message));
    }

    @Override
    public void lost(String node) {
        lost.add(node);
    }

    List<Received> received() {
        return received;
    }

    List<Message> messages() {
        return received.stream().map(Received::message).toList();
    }

    List<String> lost() {
        return lost;
    }
}
