package io.caskade.client;

import com.google.protobuf.ByteString;
import io.caskade.api.CausalContext;
import io.caskade.api.v1.BatchResult;
import io.caskade.api.v1.CompareAndSetRequest;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.CopyId;
import io.caskade.api.v1.CopyStatus;
import io.caskade.api.v1.DescribeNodeResponse;
import io.caskade.api.v1.FollowerStatus;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.MoveReplicasRequest;
import io.caskade.api.v1.MoveReplicasResponse;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.api.v1.PartitionMove;
import io.caskade.api.v1.PartitionState;
import io.caskade.api.v1.ReassignPartition;
import io.caskade.api.v1.Rebalance;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.TtlResponse;
import io.caskade.api.v1.WriteBatchResponse;
import io.caskade.api.v1.WriteResponse;
import io.caskade.client.call.NodeReports;
import io.caskade.client.routing.ClusterMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Turns the client's types into the contract's messages and back. Pure.
final class ProtoMapper {

    private ProtoMapper() {}

    static io.caskade.api.v1.Expiry expiry(Expiry expiry) {
        io.caskade.api.v1.Expiry.Builder message = io.caskade.api.v1.Expiry.newBuilder();
        switch (expiry) {
            case Expiry.Never _ -> message.clearWhen();
            case Expiry.After(Duration timeToLive) -> message.setTtlMs(timeToLive.toMillis());
            case Expiry.At(Instant moment) -> message.setExpiresAtMs(moment.toEpochMilli());
            case Expiry.Keep _ -> message.setKeep(true);
        }
        return message.build();
    }

    static io.caskade.api.v1.Condition condition(Condition condition) {
        io.caskade.api.v1.Condition.Builder message = io.caskade.api.v1.Condition.newBuilder();
        switch (condition) {
            case Condition.None _ -> message.clearKind();
            case Condition.Absent _ -> message.setAbsent(true);
            case Condition.Present _ -> message.setPresent(true);
            case Condition.Version(long version) -> message.setVersion(version);
        }
        return message.build();
    }

    static CompareAndSetRequest compareAndSet(byte[] key, Expectation expected, byte[] value, Expiry expiry) {
        CompareAndSetRequest.Builder message = CompareAndSetRequest.newBuilder()
                .setKey(ByteString.copyFrom(key))
                .setNewValue(ByteString.copyFrom(value))
                .setExpiry(expiry(expiry));
        switch (expected) {
            case Expectation.Absent _ -> message.setAbsent(true);
            case Expectation.Version(long version) -> message.setVersion(version);
            case Expectation.Value(Bytes bytes) -> message.setValue(bytes.toByteString());
        }
        return message.build();
    }

    static Entry entry(io.caskade.api.v1.Entry message) {
        Optional<Instant> expiresAt = message.getExpiresAtMs() == 0
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(message.getExpiresAtMs()));
        return new Entry(Bytes.of(message.getKey()), Bytes.of(message.getValue()), message.getVersion(), expiresAt);
    }

    static WriteResult writeResult(WriteResponse message) {
        return writeResult(message, CausalContext.of(message.getPosition()));
    }

    private static WriteResult writeResult(WriteResponse message, CausalContext context) {
        return new WriteResult(message.getApplied(), message.getFound(), message.getVersion(), context);
    }

    static Counter counter(IncrementResponse message) {
        return counter(message, CausalContext.of(message.getPosition()));
    }

    private static Counter counter(IncrementResponse message, CausalContext context) {
        return new Counter(message.getValue(), message.getVersion(), context);
    }

    /// The outcomes of a batch's writes have the position of the whole batch.
    static WriteBatchResult writeBatchResult(WriteBatchResponse message) {
        CausalContext context = CausalContext.of(message.getPosition());
        if (!message.getApplied()) {
            return new WriteBatchResult.CheckFailed(message.getFailedCheck(), context);
        }
        return new WriteBatchResult.Applied(
                message.getResultsList().stream()
                        .map(result -> outcome(result, context))
                        .toList(),
                context);
    }

    private static WriteBatchResult.Outcome outcome(BatchResult message, CausalContext context) {
        return switch (message.getResultCase()) {
            case WRITE -> new WriteBatchResult.Outcome.Written(writeResult(message.getWrite(), context));
            case INCREMENT -> new WriteBatchResult.Outcome.Counted(counter(message.getIncrement(), context));
            case COMPARE_AND_SET ->
                new WriteBatchResult.Outcome.Compared(compareAndSetResult(message.getCompareAndSet(), context));
            case REFUSED, RESULT_NOT_SET ->
                new WriteBatchResult.Outcome.Refused(
                        message.getRefused().getCode(), message.getRefused().getMessage());
        };
    }

    static Optional<TimeToLive> timeToLive(TtlResponse message) {
        if (!message.getFound()) {
            return Optional.empty();
        }
        Optional<Duration> remaining =
                message.hasTtlMs() ? Optional.of(Duration.ofMillis(message.getTtlMs())) : Optional.empty();
        return Optional.of(new TimeToLive(remaining, message.getVersion()));
    }

    static CompareAndSetResult compareAndSetResult(CompareAndSetResponse message) {
        return compareAndSetResult(message, CausalContext.of(message.getPosition()));
    }

    private static CompareAndSetResult compareAndSetResult(CompareAndSetResponse message, CausalContext context) {
        if (message.getApplied()) {
            return new CompareAndSetResult.Applied(message.getVersion(), context);
        }
        return new CompareAndSetResult.Differs(
                message.hasCurrent() ? Optional.of(entry(message.getCurrent())) : Optional.empty(), context);
    }

    /// @param partitions how many there are, which says whether another follows
    static ScanPage scanPage(ScanResponse message, int partition, int partitions) {
        List<Entry> entries =
                message.getEntriesList().stream().map(ProtoMapper::entry).toList();
        Optional<ScanCursor> next;
        if (message.getNextCursor() != 0) {
            next = Optional.of(new ScanCursor(partition, message.getNextCursor()));
        } else {
            next = partition + 1 < partitions ? Optional.of(new ScanCursor(partition + 1, 0)) : Optional.empty();
        }
        return new ScanPage(entries, next);
    }

    static ClusterView view(ClusterMetadata metadata) {
        return new ClusterView(
                metadata.settings().getClusterId(),
                metadata.controller(),
                metadata.nodes().stream().map(ProtoMapper::node).toList(),
                metadata.partitions().stream().map(ProtoMapper::partition).toList(),
                metadata.draining());
    }

    private static ClusterView.Node node(NodeRegistration message) {
        return new ClusterView.Node(
                message.getId(),
                message.getIncarnation(),
                message.getVersion(),
                message.hasGrpc() ? Optional.of(endpoint(message.getGrpc())) : Optional.empty(),
                message.hasReplication() ? Optional.of(endpoint(message.getReplication())) : Optional.empty(),
                message.hasResp() ? Optional.of(endpoint(message.getResp())) : Optional.empty(),
                message.hasHttp() ? Optional.of(endpoint(message.getHttp())) : Optional.empty());
    }

    private static ClusterView.Endpoint endpoint(io.caskade.api.v1.Endpoint message) {
        return new ClusterView.Endpoint(message.getHost(), message.getPort());
    }

    private static ClusterView.Partition partition(PartitionState message) {
        Optional<ClusterView.Leader> leader = message.hasLeader()
                ? Optional.of(new ClusterView.Leader(
                        message.getLeader().getNode(), message.getLeader().getIncarnation()))
                : Optional.empty();
        return new ClusterView.Partition(
                message.getId(),
                message.getReplicasList(),
                leader,
                message.getEpoch(),
                message.getInSyncList().stream().map(CopyId::getNode).toList(),
                message.getMinInSync(),
                message.getTargetList(),
                message.getSuccessor().isEmpty() ? Optional.empty() : Optional.of(message.getSuccessor()));
    }

    static ClusterStatus status(ClusterMetadata metadata, NodeReports reports) {
        Map<String, ClusterStatus.Node> nodes = new HashMap<>();
        reports.reports().forEach((id, report) -> nodes.put(id, nodeStatus(report)));
        return new ClusterStatus(view(metadata), nodes, reports.unresponsive());
    }

    private static ClusterStatus.Node nodeStatus(DescribeNodeResponse message) {
        return new ClusterStatus.Node(
                message.getNode(),
                message.getCopiesList().stream().map(ProtoMapper::copy).toList());
    }

    private static ClusterStatus.Copy copy(CopyStatus message) {
        return new ClusterStatus.Copy(
                message.getPartition(),
                role(message),
                message.getLastLogEpoch(),
                message.getLogEnd(),
                message.getAcknowledgedEnd(),
                message.getHighWatermark(),
                message.getInSync(),
                message.getDiskFull(),
                message.getSlowingPuts(),
                message.getTakenBytes(),
                message.getLiveBytes(),
                message.getProblem(),
                message.getFollowersList().stream().map(ProtoMapper::follower).toList());
    }

    private static ClusterStatus.Follower follower(FollowerStatus message) {
        return new ClusterStatus.Follower(
                message.getNode(),
                message.getStreaming(),
                message.hasLag() ? OptionalLong.of(message.getLag()) : OptionalLong.empty());
    }

    private static ClusterStatus.Role role(CopyStatus message) {
        return switch (message.getRole()) {
            case COPY_ROLE_FOLLOWER -> ClusterStatus.Role.FOLLOWER;
            case COPY_ROLE_PENDING_LEADER -> ClusterStatus.Role.PENDING_LEADER;
            case COPY_ROLE_LEADER -> ClusterStatus.Role.LEADER;
            case COPY_ROLE_TRANSFERRING -> ClusterStatus.Role.TRANSFERRING;
            case COPY_ROLE_STOPPED -> ClusterStatus.Role.STOPPED;
            case COPY_ROLE_FENCED -> ClusterStatus.Role.FENCED;
            case COPY_ROLE_REBUILDING -> ClusterStatus.Role.REBUILDING;
            case COPY_ROLE_UNSPECIFIED, UNRECOGNIZED -> ClusterStatus.Role.UNKNOWN;
        };
    }

    static MoveReplicasRequest moveRequest(MoveGoal goal, boolean dryRun) {
        MoveReplicasRequest.Builder request = MoveReplicasRequest.newBuilder().setDryRun(dryRun);
        switch (goal) {
            case MoveGoal.Reassign(int partition, List<String> replicas) ->
                request.setReassign(
                        ReassignPartition.newBuilder().setPartition(partition).addAllReplicas(replicas));
            case MoveGoal.AddNode(String node) -> request.setAddNode(node);
            case MoveGoal.RemoveNode(String node) -> request.setRemoveNode(node);
            case MoveGoal.Rebalance _ -> request.setRebalance(Rebalance.getDefaultInstance());
            case MoveGoal.ReplicationFactor(int copies) -> request.setReplicationFactor(copies);
        }
        return request.build();
    }

    static MovePlan movePlan(MoveReplicasResponse response) {
        return new MovePlan(moves(response.getMovesList()), moves(response.getInProgressList()));
    }

    private static List<MovePlan.Move> moves(List<PartitionMove> moves) {
        return moves.stream()
                .map(move -> new MovePlan.Move(move.getPartition(), move.getFromList(), move.getToList()))
                .toList();
    }
}
