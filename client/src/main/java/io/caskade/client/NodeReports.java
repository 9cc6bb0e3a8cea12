package io.caskade.client;

import io.caskade.api.v1.AdminGrpc;
import io.caskade.api.v1.CopyStatus;
import io.caskade.api.v1.DescribeNodeRequest;
import io.caskade.api.v1.DescribeNodeResponse;
import io.caskade.api.v1.FollowerStatus;
import io.caskade.client.ClusterStatus.Copy;
import io.caskade.client.ClusterStatus.Follower;
import io.caskade.client.ClusterStatus.Node;
import io.caskade.client.ClusterStatus.Role;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Asks all nodes at once how they are. One that does not answer keeps nobody else's answer away.
final class NodeReports {

    private final NodeChannels channels;
    private final Duration patience;

    /// @param patience how long a node may take
    NodeReports(NodeChannels channels, Duration patience) {
        this.channels = channels;
        this.patience = patience;
    }

    /// The status of a cluster whose nodes are those of a view. Never fails.
    CompletableFuture<ClusterStatus> of(ClusterView view) {
        Map<String, CompletableFuture<DescribeNodeResponse>> asked = new TreeMap<>();
        view.nodes().forEach(node -> node.grpc().ifPresent(grpc -> asked.put(node.id(), ask(channels.to(grpc)))));
        CompletableFuture<?>[] answers = asked.values().toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(answers).handle((_, _) -> {
            Map<String, Node> nodes = new HashMap<>();
            Map<String, String> silent = new HashMap<>();
            asked.forEach((id, answer) -> {
                if (answer.isCompletedExceptionally()) {
                    silent.put(id, reason(answer.exceptionNow()));
                } else {
                    nodes.put(id, node(answer.join()));
                }
            });
            return new ClusterStatus(view, nodes, silent);
        });
    }

    private CompletableFuture<DescribeNodeResponse> ask(Channel channel) {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS);
        return UnaryCall.start(
                channel.newCall(AdminGrpc.getDescribeNodeMethod(), options), DescribeNodeRequest.getDefaultInstance());
    }

    private static String reason(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> "no answer in time";
            case UNIMPLEMENTED -> "a release that does not say";
            default -> {
                Throwable root = failure;
                while (root.getCause() != null) {
                    root = root.getCause();
                }
                yield String.valueOf(root.getMessage());
            }
        };
    }

    private static Node node(DescribeNodeResponse message) {
        return new Node(
                message.getNode(),
                message.getCopiesList().stream().map(NodeReports::copy).toList());
    }

    private static Copy copy(CopyStatus message) {
        return new Copy(
                message.getPartition(),
                role(message),
                message.getEpoch(),
                message.getLogEnd(),
                message.getHeldEnd(),
                message.getWatermark(),
                message.getReadOnly(),
                message.getTrouble(),
                message.getFollowersList().stream().map(NodeReports::follower).collect(Collectors.toList()));
    }

    private static Follower follower(FollowerStatus message) {
        return new Follower(
                message.getNode(),
                message.getStreaming(),
                message.hasLag() ? OptionalLong.of(message.getLag()) : OptionalLong.empty());
    }

    private static Role role(CopyStatus message) {
        return switch (message.getRole()) {
            case COPY_ROLE_FOLLOWING -> Role.FOLLOWING;
            case COPY_ROLE_STARTING_TO_LEAD -> Role.STARTING_TO_LEAD;
            case COPY_ROLE_LEADING -> Role.LEADING;
            case COPY_ROLE_HANDING_OVER -> Role.HANDING_OVER;
            case COPY_ROLE_STOPPED -> Role.STOPPED;
            case COPY_ROLE_FENCED -> Role.FENCED;
            case COPY_ROLE_REBUILDING -> Role.REBUILDING;
            case COPY_ROLE_UNSPECIFIED, UNRECOGNIZED -> Role.UNKNOWN;
        };
    }
}
