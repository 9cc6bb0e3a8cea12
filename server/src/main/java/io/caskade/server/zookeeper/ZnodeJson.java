package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SharedSettings;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Converts the cluster's records to and from their stored form: proto3 JSON of the messages in
/// `cluster.proto`. Ignores fields of later releases.
final class ZnodeJson {

    // Every field is written, empty ones too, to be readable in ZooKeeper's shell.
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().omittingInsignificantWhitespace().alwaysPrintFieldsWithNoPresence();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private ZnodeJson() {}

    static byte[] write(PartitionState state) {
        var message = io.caskade.api.v1.PartitionState.newBuilder()
                .setId(state.id())
                .addAllReplicas(state.replicas())
                .setEpoch(state.epoch())
                .setMinInSync(state.minInSync())
                .addAllTarget(state.target());
        NodeIncarnation leader = state.leader();
        if (leader != null) {
            message.setLeader(io.caskade.api.v1.NodeIncarnation.newBuilder()
                    .setNode(leader.node())
                    .setIncarnation(leader.incarnation()));
        }
        state.isr()
                .forEach(copy -> message.addInSync(io.caskade.api.v1.CopyId.newBuilder()
                        .setNode(copy.node())
                        .setCopy(copy.copy())));
        String successor = state.successor();
        if (successor != null) {
            message.setSuccessor(successor);
        }
        return bytes(message.build());
    }

    /// @param znode the name of the znode, which must be the partition's id
    static PartitionState readPartition(byte[] json, String znode) throws UnreadableException {
        var message = parse(json, io.caskade.api.v1.PartitionState.newBuilder()).build();
        requireName(Integer.toString(message.getId()), znode);
        return checked(() -> new PartitionState(
                message.getId(),
                message.getReplicasList(),
                message.hasLeader()
                        ? new NodeIncarnation(
                                message.getLeader().getNode(),
                                message.getLeader().getIncarnation())
                        : null,
                message.getEpoch(),
                message.getInSyncList().stream()
                        .map(copy -> new CopyId(copy.getNode(), copy.getCopy()))
                        .collect(Collectors.toUnmodifiableSet()),
                message.getMinInSync(),
                message.getTargetList(),
                message.hasSuccessor() ? message.getSuccessor() : null));
    }

    static byte[] write(NodeInfo node) {
        var message = io.caskade.api.v1.NodeRegistration.newBuilder()
                .setId(node.id())
                .setIncarnation(node.incarnation())
                .setRack(node.rack())
                .setVersion(node.version());
        if (node.grpc() != null) {
            message.setGrpc(message(node.grpc()));
        }
        if (node.replication() != null) {
            message.setReplication(message(node.replication()));
        }
        if (node.resp() != null) {
            message.setResp(message(node.resp()));
        }
        if (node.http() != null) {
            message.setHttp(message(node.http()));
        }
        return bytes(message.build());
    }

    /// @param znode the name of the znode, which must be the node's id
    static NodeInfo readNode(byte[] json, String znode) throws UnreadableException {
        var message =
                parse(json, io.caskade.api.v1.NodeRegistration.newBuilder()).build();
        requireName(message.getId(), znode);
        return checked(() -> new NodeInfo(
                message.getId(),
                message.getIncarnation(),
                message.getRack(),
                message.hasGrpc() ? endpoint(message.getGrpc()) : null,
                message.hasReplication() ? endpoint(message.getReplication()) : null,
                message.hasResp() ? endpoint(message.getResp()) : null,
                message.hasHttp() ? endpoint(message.getHttp()) : null,
                message.getVersion()));
    }

    static byte[] write(ClusterSettings settings) {
        return bytes(io.caskade.api.v1.ClusterSettings.newBuilder()
                .setClusterId(settings.clusterId())
                .setPartitions(settings.partitions())
                .build());
    }

    static ClusterSettings readSettings(byte[] json) throws UnreadableException {
        var message =
                parse(json, io.caskade.api.v1.ClusterSettings.newBuilder()).build();
        return checked(() -> new ClusterSettings(message.getClusterId(), message.getPartitions()));
    }

    static byte[] write(SharedSettings settings) {
        return bytes(io.caskade.api.v1.SharedSettings.newBuilder()
                .setReplicationFactor(settings.replicationFactor())
                .setMinInSync(settings.minInSync())
                .setReplaceAfterMillis(settings.replaceAfterMillis())
                .setAutoBalanceLeaders(settings.autoBalanceLeaders())
                .setMoveRateBytes(settings.moveRateBytes())
                .setLeaseMillis(settings.leaseMillis())
                .setGraceMillis(settings.graceMillis())
                .build());
    }

    static SharedSettings readShared(byte[] json) throws UnreadableException {
        var message = parse(json, io.caskade.api.v1.SharedSettings.newBuilder()).build();
        return checked(() -> new SharedSettings(
                message.getReplicationFactor(),
                message.getMinInSync(),
                message.getReplaceAfterMillis(),
                message.getAutoBalanceLeaders(),
                message.getMoveRateBytes(),
                message.getLeaseMillis(),
                message.getGraceMillis()));
    }

    static byte[] write(ClusterSecret secret) {
        return bytes(io.caskade.api.v1.ClusterSecret.newBuilder()
                .setKeydirSeed(ByteString.copyFrom(secret.keydirSeed()))
                .build());
    }

    static ClusterSecret readSecret(byte[] json) throws UnreadableException {
        var message = parse(json, io.caskade.api.v1.ClusterSecret.newBuilder()).build();
        return checked(() -> new ClusterSecret(message.getKeydirSeed().toByteArray()));
    }

    private static io.caskade.api.v1.Endpoint message(Endpoint endpoint) {
        return io.caskade.api.v1.Endpoint.newBuilder()
                .setHost(endpoint.host())
                .setPort(endpoint.port())
                .build();
    }

    private static Endpoint endpoint(io.caskade.api.v1.Endpoint message) {
        return new Endpoint(message.getHost(), message.getPort());
    }

    private static byte[] bytes(Message message) {
        try {
            return PRINTER.print(message).getBytes(UTF_8);
        } catch (InvalidProtocolBufferException e) {
            // Thrown for Any messages of unknown types alone, and there are none in cluster.proto.
            throw new AssertionError("a message without Any cannot fail to print", e);
        }
    }

    private static <B extends Message.Builder> B parse(byte[] json, B builder) throws UnreadableException {
        try {
            PARSER.merge(new String(json, UTF_8), builder);
            return builder;
        } catch (InvalidProtocolBufferException e) {
            throw new UnreadableException(e);
        }
    }

    private static void requireName(String id, String znode) throws UnreadableException {
        if (!id.equals(znode)) {
            throw new UnreadableException(new IllegalArgumentException(znode + " holds the id " + id));
        }
    }

    private static <T> T checked(Supplier<T> constructor) throws UnreadableException {
        try {
            return constructor.get();
        } catch (IllegalArgumentException e) {
            throw new UnreadableException(e);
        }
    }

    /// A znode's content was not written by Caskade.
    static final class UnreadableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnreadableException(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }
}
