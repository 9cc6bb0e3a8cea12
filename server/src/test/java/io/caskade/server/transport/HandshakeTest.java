package io.caskade.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.v1.Hello;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Timeouts;
import org.junit.jupiter.api.Test;

class HandshakeTest {

    private static final Timing DEFAULTS = new Timing(Timeouts.DEFAULT, 50);

    private final Handshake one = new Handshake("cluster-a", new NodeIncarnation("node-1", "x"), DEFAULTS);
    private final Handshake two = new Handshake("cluster-a", new NodeIncarnation("node-2", "y"), DEFAULTS);

    @Test
    void nodesOfOneClusterConnect() {
        assertThat(two.objection(one.hello("node-2"), null)).isEmpty();
        assertThat(one.objection(two.hello("node-1"), "node-2")).isEmpty();
    }

    @Test
    void anotherClusterIsRefused() {
        Handshake foreigner = new Handshake("cluster-b", new NodeIncarnation("node-1", "x"), DEFAULTS);

        assertThat(two.objection(foreigner.hello("node-2"), null))
                .contains("node-1 is of cluster cluster-b, node-2 of cluster cluster-a: see zookeeper.connect and"
                        + " zookeeper.root of both");
    }

    @Test
    void anotherVersionOfTheProtocolIsRefused() {
        Hello newer = one.hello("node-2").toBuilder().setProtocolVersion(2).build();

        assertThat(two.objection(newer, null))
                .contains("node-1 speaks version 2 of the replication protocol, node-2 version 1: run compatible"
                        + " releases");
    }

    @Test
    void aHelloMeantForAnotherNodeIsRefused() {
        assertThat(two.objection(one.hello("node-3"), null))
                .contains("node-2 was reached where node-3 was meant: see listeners.replication.advertised of both");
    }

    @Test
    void aNodeOtherThanTheOneDialedIsRefused() {
        assertThat(one.objection(two.hello("node-1"), "node-3"))
                .contains("node-2 was reached where node-3 was meant: see listeners.replication.advertised of both");
    }

    @Test
    void aNodeOfTheSameNameIsRefused() {
        Handshake twin = new Handshake("cluster-a", new NodeIncarnation("node-2", "z"), DEFAULTS);

        assertThat(two.objection(twin.hello("node-2"), null))
                .contains("two nodes claim to be node-2: give each a node.id of its own");
    }

    @Test
    void aHelloWithoutASenderIsRefused() {
        assertThat(two.objection(Hello.getDefaultInstance(), null))
                .contains("handshake without node id or incarnation");
    }

    @Test
    void nodesWithOtherTimesConnectAndBothSidesSayHowTheyDiffer() {
        Handshake slow = new Handshake("cluster-a", new NodeIncarnation("node-1", "x"), times(5000, 6000, 50));

        assertThat(two.objection(slow.hello("node-2"), null)).isEmpty();
        assertThat(slow.objection(two.hello("node-1"), "node-2")).isEmpty();
        assertThat(two.difference(slow.hello("node-2")))
                .contains(
                        "node-1 has replication.lease 5000ms and replication.grace 6000ms, node-2 has 350ms and 500ms:"
                                + " the shorter ones count for leases, the longer ones for elections; set both alike on all"
                                + " nodes");
        assertThat(slow.difference(two.hello("node-1"))).isPresent();
        assertThat(two.difference(one.hello("node-2"))).isEmpty();
    }

    /// A grant of 60 ms is a lease of 50 ms for a leader with the defaults, whose heartbeats are 50 ms apart.
    @Test
    void nodesWhoseTimesAreTooFarApartToLeadEachOtherRefuseEachOther() {
        Handshake quick = new Handshake("cluster-a", new NodeIncarnation("node-1", "x"), times(50, 60, 7));
        String refusal =
                "node-1 has replication.lease 50ms and replication.grace 60ms, node-2 has 350ms and 500ms: too far"
                        + " apart for one of them to lead the other; set both alike on all nodes";

        assertThat(two.objection(quick.hello("node-2"), null)).contains(refusal);
        assertThat(quick.objection(two.hello("node-1"), "node-2")).isPresent();
    }

    @Test
    void aHelloWithoutTimesIsRefused() {
        Hello timeless =
                one.hello("node-2").toBuilder().clearLeaseMs().clearGraceMs().build();

        assertThat(two.objection(timeless, null)).isPresent();
    }

    private static Timing times(long lease, long grace, long heartbeat) {
        return new Timing(new Timeouts(lease, grace, 150, 5000, 3000), heartbeat);
    }
}
