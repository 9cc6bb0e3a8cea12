package io.caskade.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caskade.client.ClusterView;
import io.caskade.client.ClusterView.Endpoint;
import io.caskade.client.ClusterView.Leader;
import io.caskade.client.ClusterView.Node;
import io.caskade.client.ClusterView.Partition;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A cluster as JSON. Pure.
final class ClusterJson {

    private ClusterJson() {}

    /// Writes the inside of an object.
    static void write(JsonGenerator object, ClusterView view) throws IOException {
        object.writeStringField("cluster", view.id());
        object.writeStringField("controller", view.controller().orElse(null));
        object.writeArrayFieldStart("nodes");
        for (Node node : view.nodes()) {
            node(object, node);
        }
        object.writeEndArray();
        object.writeArrayFieldStart("partitions");
        for (Partition partition : view.partitions()) {
            partition(object, partition);
        }
        object.writeEndArray();
    }

    private static void node(JsonGenerator array, Node node) throws IOException {
        array.writeStartObject();
        array.writeStringField("id", node.id());
        array.writeStringField("incarnation", node.incarnation());
        array.writeStringField("version", node.version());
        endpoint(array, "grpc", node.grpc());
        endpoint(array, "replication", node.replication());
        endpoint(array, "resp", node.resp());
        endpoint(array, "http", node.http());
        array.writeEndObject();
    }

    private static void endpoint(JsonGenerator object, String name, Optional<Endpoint> endpoint) throws IOException {
        object.writeStringField(name, endpoint.map(Endpoint::toString).orElse(null));
    }

    private static void partition(JsonGenerator array, Partition partition) throws IOException {
        array.writeStartObject();
        array.writeNumberField("id", partition.id());
        array.writeStringField("leader", partition.leader().map(Leader::node).orElse(null));
        array.writeStringField(
                "incarnation", partition.leader().map(Leader::incarnation).orElse(null));
        array.writeNumberField("epoch", partition.epoch());
        strings(array, "isr", partition.inSync());
        strings(array, "replicas", partition.replicas());
        array.writeNumberField("minInSync", partition.minInSync());
        array.writeEndObject();
    }

    private static void strings(JsonGenerator object, String name, List<String> values) throws IOException {
        object.writeArrayFieldStart(name);
        for (String value : values) {
            object.writeString(value);
        }
        object.writeEndArray();
    }
}
