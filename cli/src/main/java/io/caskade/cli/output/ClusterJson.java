package io.caskade.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caskade.client.ClusterStatus;
import io.caskade.client.ClusterStatus.Copy;
import io.caskade.client.ClusterStatus.NodeState;
import io.caskade.client.ClusterView;
import io.caskade.client.ClusterView.Endpoint;
import io.caskade.client.ClusterView.Leader;
import io.caskade.client.ClusterView.Node;
import io.caskade.client.ClusterView.Partition;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// Formats a cluster as JSON. Pure.
final class ClusterJson {

    private ClusterJson() {}

    /// Writes the fields of an object.
    static void write(JsonGenerator object, ClusterStatus status) throws IOException {
        ClusterView view = status.view();
        object.writeStringField("cluster", view.id());
        object.writeStringField("controller", view.controller().orElse(null));
        writeStrings(object, "draining", view.draining());
        object.writeArrayFieldStart("nodes");
        for (Node node : view.nodes()) {
            node(object, node, status.state(node.id()));
        }
        object.writeEndArray();
        object.writeArrayFieldStart("partitions");
        for (Partition partition : view.partitions()) {
            partition(object, partition, status);
        }
        object.writeEndArray();
    }

    private static void node(JsonGenerator array, Node node, NodeState nodeState) throws IOException {
        array.writeStartObject();
        array.writeStringField("id", node.id());
        array.writeStringField("incarnation", node.incarnation());
        array.writeStringField("version", node.version());
        array.writeStringField("state", word(nodeState));
        endpoint(array, "grpc", node.grpc());
        endpoint(array, "replication", node.replication());
        endpoint(array, "resp", node.resp());
        endpoint(array, "http", node.http());
        array.writeEndObject();
    }

    private static void endpoint(JsonGenerator object, String name, Optional<Endpoint> endpoint) throws IOException {
        object.writeStringField(name, endpoint.map(Endpoint::toString).orElse(null));
    }

    private static void partition(JsonGenerator array, Partition partition, ClusterStatus status) throws IOException {
        array.writeStartObject();
        array.writeNumberField("id", partition.id());
        array.writeStringField("leader", partition.leader().map(Leader::node).orElse(null));
        array.writeStringField(
                "incarnation", partition.leader().map(Leader::incarnation).orElse(null));
        array.writeNumberField("epoch", partition.epoch());
        writeStrings(array, "isr", partition.inSync());
        writeStrings(array, "replicas", partition.replicas());
        array.writeNumberField("minInSync", partition.minInSync());
        writeStrings(array, "target", partition.target());
        array.writeStringField("successor", partition.successor().orElse(null));
        array.writeArrayFieldStart("copies");
        for (String node : partition.replicas()) {
            copy(array, partition, node, status);
        }
        array.writeEndArray();
        array.writeEndObject();
    }

    /// One copy; values its node did not report are null.
    private static void copy(JsonGenerator array, Partition partition, String node, ClusterStatus status)
            throws IOException {
        Optional<Copy> said = status.copy(node, partition.id());
        array.writeStartObject();
        array.writeStringField("node", node);
        array.writeStringField("role", said.map(copy -> word(copy.role())).orElse(null));
        array.writeBooleanField("inSync", partition.inSync().contains(node));
        number(array, "logEnd", said.map(Copy::logEnd));
        number(array, "highWatermark", said.map(Copy::highWatermark));
        OptionalLong lag = status.lag(partition.id(), node);
        number(array, "lag", lag.isPresent() ? Optional.of(lag.getAsLong()) : Optional.empty());
        array.writeStringField(
                "problem",
                said.map(Copy::problem).filter(text -> !text.isEmpty()).orElse(null));
        array.writeEndObject();
    }

    private static void number(JsonGenerator object, String name, Optional<Long> number) throws IOException {
        if (number.isPresent()) {
            object.writeNumberField(name, number.get());
        } else {
            object.writeNullField(name);
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void writeStrings(JsonGenerator object, String name, List<String> values) throws IOException {
        object.writeArrayFieldStart(name);
        for (String value : values) {
            object.writeString(value);
        }
        object.writeEndArray();
    }
}
