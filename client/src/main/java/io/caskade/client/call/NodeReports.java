package io.caskade.client.call;

import io.caskade.api.v1.AdminGrpc;
import io.caskade.api.v1.DescribeNodeRequest;
import io.caskade.api.v1.DescribeNodeResponse;
import io.caskade.settings.HostPort;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// The reports of a cluster's nodes about themselves, requested in parallel.
///
/// @param reports      the reports of the nodes that answered, by id
/// @param unresponsive why the other nodes did not answer, by id
public record NodeReports(Map<String, DescribeNodeResponse> reports, Map<String, String> unresponsive) {

    /// Copies the maps.
    public NodeReports {
        reports = Map.copyOf(reports);
        unresponsive = Map.copyOf(unresponsive);
    }

    /// Asks nodes, by id. Never fails; a node that does not answer does not affect the others.
    ///
    /// @param timeout how long a node may take
    static CompletableFuture<NodeReports> collect(
            NodeChannels channels, Map<String, HostPort> nodes, Duration timeout) {
        Map<String, CompletableFuture<DescribeNodeResponse>> asked = new TreeMap<>();
        nodes.forEach((id, endpoint) -> asked.put(id, ask(channels.channelTo(endpoint), timeout)));
        CompletableFuture<?>[] responses = asked.values().toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(responses).handle((_, _) -> {
            Map<String, DescribeNodeResponse> reports = new HashMap<>();
            Map<String, String> unresponsive = new HashMap<>();
            asked.forEach((id, response) -> {
                if (response.isCompletedExceptionally()) {
                    unresponsive.put(id, reason(response.exceptionNow()));
                } else {
                    reports.put(id, response.join());
                }
            });
            return new NodeReports(reports, unresponsive);
        });
    }

    private static CompletableFuture<DescribeNodeResponse> ask(Channel channel, Duration timeout) {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return UnaryCall.start(
                channel.newCall(AdminGrpc.getDescribeNodeMethod(), options), DescribeNodeRequest.getDefaultInstance());
    }

    private static String reason(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> "no answer in time";
            case UNIMPLEMENTED -> "its release does not report its state";
            default -> String.valueOf(rootOf(failure).getMessage());
        };
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
