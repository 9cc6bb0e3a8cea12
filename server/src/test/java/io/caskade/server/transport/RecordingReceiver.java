package io.caskade.server.transport;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Message;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Records all messages. Thread-safe.
final class RecordingReceiver implements MessageReceiver {

    /// A message, and who sent it.
    record Received(NodeIncarnation from, int partition, Message message) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<String> lost = new CopyOnWriteArrayList<>();

    @Override
    public void onMessage(NodeIncarnation sender, int partition, Message message) {
        received.add(new Received(sender, partition, message));
    }

    @Override
    public void onDisconnected(String node) {
        lost.add(node);
    }

    List<Received> onMessage() {
        return received;
    }

    List<Message> messages() {
        return received.stream().map(Received::message).toList();
    }

    List<String> onDisconnected() {
        return lost;
    }
}
