package io.caskade.server.listener.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caskade.api.CausalContext;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.metrics.RequestTimers;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Writes the responses of `/kv-store`. Thread-safe.
final class StoreJson {

    private static final int OVERHEAD_BYTES = 256;

    private final HttpListener.Cluster cluster;

    StoreJson(HttpListener.Cluster cluster) {
        this.cluster = cluster;
    }

    /// What a response says beside its own fields.
    ///
    /// @param servedBy the node that answered; null for this one
    /// @param seen what the client has seen by then
    record Served(@Nullable String servedBy, CausalContext seen) {}

    Response put(boolean replaced, Served served) {
        byte[] body = Json.object(OVERHEAD_BYTES, object -> {
            object.writeStringField("message", replaced ? "Updated successfully" : "Added successfully");
            object.writeBooleanField("replaced", replaced);
            writeServed(object, served);
        });
        return response(replaced ? HttpResponseStatus.OK : HttpResponseStatus.CREATED, RequestTimers.OK, body);
    }

    Response found(byte[] value, Served served) {
        byte[] body = Json.object(OVERHEAD_BYTES + value.length, object -> {
            object.writeStringField("message", "Retrieved successfully");
            object.writeBooleanField("doesExist", true);
            Json.writeBytes(object, "value", "encoding", value);
            writeServed(object, served);
        });
        return response(HttpResponseStatus.OK, RequestTimers.OK, body);
    }

    Response deleted(Served served) {
        byte[] body = Json.object(OVERHEAD_BYTES, object -> {
            object.writeStringField("message", "Deleted successfully");
            object.writeBooleanField("doesExist", true);
            writeServed(object, served);
        });
        return response(HttpResponseStatus.OK, RequestTimers.OK, body);
    }

    Response missing(String method, Served served) {
        byte[] body = Json.object(OVERHEAD_BYTES, object -> {
            object.writeBooleanField("doesExist", false);
            writeError(object, "Key does not exist", method);
            writeServed(object, served);
        });
        return response(HttpResponseStatus.NOT_FOUND, ErrorCode.NOT_FOUND.name().toLowerCase(Locale.ROOT), body);
    }

    /// @param error what went wrong, in the words of `/kv-store`
    /// @param reason what went wrong, in detail; null for nothing more
    static Response error(ErrorCode code, String error, String method, @Nullable String reason) {
        byte[] body = Json.object(OVERHEAD_BYTES, object -> {
            writeError(object, error, method);
            if (reason != null) {
                object.writeStringField("reason", reason);
            }
        });
        Response response = response(code.status(), code.name().toLowerCase(Locale.ROOT), body);
        return code.status().equals(HttpResponseStatus.SERVICE_UNAVAILABLE)
                ? response.with("retry-after", "1")
                : response;
    }

    private static void writeError(JsonGenerator object, String error, String method) throws IOException {
        object.writeStringField("error", error);
        object.writeStringField("message", "Error in " + method);
    }

    private void writeServed(JsonGenerator object, Served served) throws IOException {
        object.writeStringField("causal-context", served.seen().toString());
        if (served.servedBy() != null) {
            object.writeStringField("address", addressOf(served.servedBy()));
        }
    }

    static Response keyCount(long keys) {
        return Response.json(Json.object(OVERHEAD_BYTES, object -> {
            object.writeStringField("message", "Key count retrieved successfully");
            object.writeNumberField("key-count", keys);
        }));
    }

    static Response shards(int partitions) {
        return Response.json(Json.object(OVERHEAD_BYTES, object -> {
            object.writeStringField("message", "Shard membership retrieved successfully");
            object.writeArrayFieldStart("shards");
            for (int id = 0; id < partitions; id++) {
                object.writeString(Integer.toString(id));
            }
            object.writeEndArray();
        }));
    }

    Response shard(ShardResources.Shard shard) {
        return Response.json(Json.object(OVERHEAD_BYTES, object -> {
            object.writeStringField("message", "Shard information retrieved successfully");
            writeShard(object, shard);
        }));
    }

    private void writeShard(JsonGenerator object, ShardResources.Shard shard) throws IOException {
        object.writeStringField("shard-id", Integer.toString(shard.id()));
        object.writeNumberField("key-count", shard.keys());
        object.writeArrayFieldStart("replicas");
        for (String node : shard.nodes()) {
            object.writeString(addressOf(node));
        }
        object.writeEndArray();
    }

    Response viewChanged(List<ShardResources.Shard> shards) {
        return Response.json(Json.object(OVERHEAD_BYTES * (1 + shards.size()), object -> {
            object.writeStringField("message", "View change successful");
            object.writeArrayFieldStart("shards");
            for (ShardResources.Shard shard : shards) {
                object.writeStartObject();
                writeShard(object, shard);
                object.writeEndObject();
            }
            object.writeEndArray();
        }));
    }

    /// @param moves how many partitions are not where they are to be
    static Response viewChanging(int moves) {
        byte[] body = Json.object(OVERHEAD_BYTES, object -> {
            object.writeStringField("message", "View change in progress");
            object.writeNumberField("shards-to-move", moves);
        });
        return response(HttpResponseStatus.ACCEPTED, RequestTimers.OK, body);
    }

    /// Where a node listens for HTTP; its id, while it is not registered.
    private String addressOf(String node) {
        return cluster.image()
                .get()
                .flatMap((ClusterImage image) -> image.node(node))
                .map(NodeInfo::http)
                .map(Endpoint::toString)
                .orElse(node);
    }

    private static Response response(HttpResponseStatus status, String outcome, byte[] body) {
        return Response.json(status, outcome, body);
    }
}
