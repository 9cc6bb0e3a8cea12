package io.caskade.server.simulator;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The messages of a script that are on their way, in the order they were sent: each arrives when the script
/// says so, in any order, never, or twice.
final class ScriptedNetwork {

    /// A message and who sent it.
    record Sent(NodeIncarnation from, String to, Message message) {

        String kind() {
            return message.getClass().getSimpleName();
        }

        boolean isBetween(String sender, String receiver) {
            return from.node().equals(sender) && to.equals(receiver);
        }
    }

    private record Way(String from, String to) {}

    private final List<Sent> underway = new ArrayList<>();
    private final Set<Way> cut = new HashSet<>();

    void send(NodeIncarnation sender, String to, Message message) {
        underway.add(new Sent(sender, to, message));
    }

    /// The oldest of a kind between two nodes; `all` is any.
    Optional<Sent> oldest(String from, String to, String kind) {
        return underway.stream()
                .filter(sent -> sent.isBetween(from, to)
                        && (kind.equals("all") || sent.kind().equals(kind)))
                .findFirst();
    }

    /// The oldest between any two nodes that reach each other.
    Optional<Sent> nextThatArrives(Set<String> receivers) {
        return underway.stream()
                .filter(sent -> receivers.contains(sent.to())
                        && !cut.contains(new Way(sent.from().node(), sent.to())))
                .findFirst();
    }

    void take(Sent sent) {
        underway.remove(sent);
    }

    int lose(String from, String to) {
        int before = underway.size();
        underway.removeIf(sent -> sent.isBetween(from, to));
        return before - underway.size();
    }

    void cut(String one, String other) {
        cut.add(new Way(one, other));
        cut.add(new Way(other, one));
    }

    void heal() {
        cut.clear();
    }
}
