package io.caskade.server.transport;

import io.caskade.api.v1.Hello;
import io.caskade.server.cluster.NodeIncarnation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Identifies this process to other nodes, and checks their identity. Pure.
///
/// @param clusterId the random id of the cluster
/// @param self this process
/// @param timing its times
record Handshake(String clusterId, NodeIncarnation self, Timing timing) {

    /// Raised by every incompatible change of the protocol.
    static final int PROTOCOL_VERSION = 1;

    /// This process's hello to another node.
    Hello hello(String receiver) {
        return Hello.newBuilder()
                .setProtocolVersion(PROTOCOL_VERSION)
                .setClusterId(clusterId)
                .setSender(io.caskade.api.v1.NodeIncarnation.newBuilder()
                        .setNode(self.node())
                        .setIncarnation(self.incarnation()))
                .setReceiver(receiver)
                .setLeaseMs(timing.timeouts().lease())
                .setGraceMs(timing.timeouts().grace())
                .setHeartbeatMs(timing.heartbeatMillis())
                .build();
    }

    /// Why this node refuses the sender, for both operators; empty when it accepts.
    ///
    /// @param dialed the dialed node; null when the other side dialed
    Optional<String> objection(Hello theirs, @Nullable String dialed) {
        String sender = theirs.getSender().getNode();
        if (sender.isEmpty() || theirs.getSender().getIncarnation().isEmpty()) {
            return Optional.of("handshake without node id or incarnation");
        }
        if (theirs.getProtocolVersion() != PROTOCOL_VERSION) {
            return Optional.of(sender + " speaks version " + theirs.getProtocolVersion()
                    + " of the replication protocol, " + self.node() + " version " + PROTOCOL_VERSION
                    + ": run compatible releases");
        }
        if (!theirs.getClusterId().equals(clusterId)) {
            return Optional.of(sender + " is of cluster " + theirs.getClusterId() + ", " + self.node() + " of cluster "
                    + clusterId + ": see zookeeper.connect and zookeeper.root of both");
        }
        if (sender.equals(self.node())) {
            return Optional.of("two nodes claim to be " + sender + ": give each a node.id of its own");
        }
        if (dialed != null && !dialed.equals(sender)) {
            return Optional.of(wrongNode(dialed, sender));
        }
        if (!theirs.getReceiver().equals(self.node())) {
            return Optional.of(wrongNode(theirs.getReceiver(), self.node()));
        }
        if (!timing.mayLead(theirs.getLeaseMs(), theirs.getGraceMs())
                || !timing.mayFollow(theirs.getLeaseMs(), theirs.getGraceMs(), theirs.getHeartbeatMs())) {
            return Optional.of(theirTimes(theirs) + ": too far apart for one of them to lead the other; "
                    + "set both alike on all nodes");
        }
        return Optional.empty();
    }

    /// How the times of the sender differ from those here, if they do, for operators. It is safe: a leader
    /// counts a lease grant no longer than the follower's own times allow.
    Optional<String> difference(Hello theirs) {
        boolean same = theirs.getLeaseMs() == timing.timeouts().lease()
                && theirs.getGraceMs() == timing.timeouts().grace();
        return same
                ? Optional.empty()
                : Optional.of(
                        theirTimes(theirs) + ": the shorter ones count for leases, the longer ones for elections; "
                                + "set both alike on all nodes");
    }

    private String theirTimes(Hello theirs) {
        return theirs.getSender().getNode() + " has replication.lease " + theirs.getLeaseMs()
                + "ms and replication.grace "
                + theirs.getGraceMs() + "ms, " + self.node() + " has "
                + timing.timeouts().lease() + "ms and "
                + timing.timeouts().grace() + "ms";
    }

    private static String wrongNode(String meant, String found) {
        return found + " was reached where " + meant + " was meant: see listeners.replication.advertised of both";
    }
}
