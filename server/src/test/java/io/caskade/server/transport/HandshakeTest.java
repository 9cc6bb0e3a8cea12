package io.caskade.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.v1.Hello;
import io.caskade.server.cluster.NodeIncarnation;
import org.junit.jupiter.api.Test;

class HandshakeTest {

    private final Handshake one = new Handshake("cluster-a", new NodeIncarnation("node-1", "x"));
    private final Handshake two = new Handshake("cluster-a", new NodeIncarnation("node-2", "y"));

    @Test
    void nodesOfOneClusterConnect() {
        assertThat(two.objection(one.hello("node-2"), null)).isEmpty();
        assertThat(one.objection(two.hello("node-1"), "node-2")).isEmpty();
    }

    @Test
    void anotherClusterIsRefused() {
        Handshake foreigner = new Handshake("cluster-b", new NodeIncarnation("node-1", "x"));

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
        Handshake twin = new Handshake("cluster-a", new NodeIncarnation("node-2", "z"));

        assertThat(two.objection(twin.hello("node-2"), null))
                .contains("two nodes claim to be node-2: give each a node.id of its own");
    }

    @Test
    void aHelloWithoutASenderIsRefused() {
        assertThat(two.objection(Hello.getDefaultInstance(), null))
                .contains("handshake without node id or incarnation");
    }
}
