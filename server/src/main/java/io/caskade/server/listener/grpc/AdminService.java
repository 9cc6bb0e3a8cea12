package io.caskade.server.listener.grpc;

import io.caskade.api.v1.AdminGrpc;
import io.caskade.api.v1.CopyRole;
import io.caskade.api.v1.DescribeNodeRequest;
import io.caskade.api.v1.DescribeNodeResponse;
import io.caskade.api.v1.DrainNodeRequest;
import io.caskade.api.v1.DrainNodeResponse;
import io.caskade.api.v1.MoveLeaderRequest;
import io.caskade.api.v1.MoveLeaderResponse;
import io.caskade.api.v1.MoveReplicasRequest;
import io.caskade.api.v1.MoveReplicasResponse;
import io.caskade.api.v1.PartitionMove;
import io.caskade.api.v1.ShareSettingsRequest;
import io.caskade.api.v1.ShareSettingsResponse;
import io.caskade.server.admin.AdminOperations;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.admin.NodeStatus;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.controller.MoveGoal;
import io.caskade.server.controller.MovePlan;
import io.caskade.server.replica.FollowerStatus;
import io.caskade.server.replica.Role;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The admin service of `admin.proto`. Thread-safe.
final class AdminService extends AdminGrpc.AdminImplBase {

    private final AdminOperations admin;

    AdminService(AdminOperations admin) {
        this.admin = admin;
    }

    @Override
    public void describeNode(DescribeNodeRequest request, StreamObserver<DescribeNodeResponse> caller) {
        ResponseSender.send(caller, admin::describe, AdminService::message);
    }

    @Override
    public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> caller) {
        ResponseSender.send(
                caller,
                () -> admin.moveLeader(request.getPartition(), request.getNode()),
                changed -> MoveLeaderResponse.newBuilder().setChanged(changed).build());
    }

    @Override
    public void drainNode(DrainNodeRequest request, StreamObserver<DrainNodeResponse> caller) {
        ResponseSender.send(
                caller,
                () -> admin.drain(request.getNode(), !request.getUndo()),
                drain -> DrainNodeResponse.newBuilder()
                        .addAllLeading(drain.leading())
                        .addAllRemaining(drain.remaining())
                        .addAllUnplaceable(drain.unplaceable())
                        .build());
    }

    @Override
    public void moveReplicas(MoveReplicasRequest request, StreamObserver<MoveReplicasResponse> caller) {
        ResponseSender.send(
                caller,
                () -> request.getDryRun()
                        ? CompletableFuture.completedFuture(admin.plan(goal(request)))
                        : admin.move(goal(request)),
                plan -> MoveReplicasResponse.newBuilder()
                        .addAllMoves(messages(plan.moves()))
                        .addAllInProgress(messages(plan.inProgress()))
                        .build());
    }

    @Override
    public void shareSettings(ShareSettingsRequest request, StreamObserver<ShareSettingsResponse> caller) {
        ResponseSender.send(
                caller,
                () -> request.getName().isEmpty()
                        ? admin.settings()
                        : admin.changeSetting(request.getName(), request.getValue()),
                settings -> ShareSettingsResponse.newBuilder()
                        .addAllSettings(settings.stream()
                                .map(setting -> io.caskade.api.v1.SharedSetting.newBuilder()
                                        .setName(setting.name())
                                        .setValue(setting.value())
                                        .setFixed(setting.fixed())
                                        .build())
                                .toList())
                        .build());
    }

    private static MoveGoal goal(MoveReplicasRequest request) {
        return switch (request.getGoalCase()) {
            case REASSIGN ->
                new MoveGoal.Reassign(
                        request.getReassign().getPartition(),
                        request.getReassign().getReplicasList());
            case ADD_NODE -> new MoveGoal.AddNode(request.getAddNode());
            case REMOVE_NODE -> new MoveGoal.RemoveNode(request.getRemoveNode());
            case REBALANCE -> new MoveGoal.Rebalance();
            case REPLICATION_FACTOR -> new MoveGoal.ReplicationFactor(request.getReplicationFactor());
            case GOAL_NOT_SET -> throw new CommandRefusedException(Reason.INVALID_ARGUMENT, "goal is missing");
        };
    }

    private static List<PartitionMove> messages(List<MovePlan.Move> moves) {
        return moves.stream()
                .map(move -> PartitionMove.newBuilder()
                        .setPartition(move.partition())
                        .addAllFrom(move.from())
                        .addAllTo(move.to())
                        .build())
                .toList();
    }

    private static DescribeNodeResponse message(NodeStatus status) {
        DescribeNodeResponse.Builder response = DescribeNodeResponse.newBuilder()
                .setNode(status.node())
                .setIncarnation(status.incarnation())
                .setVersion(status.version());
        status.copies().forEach(copy -> response.addCopies(message(copy)));
        return response.build();
    }

    private static io.caskade.api.v1.CopyStatus message(CopyStatus copy) {
        io.caskade.api.v1.CopyStatus.Builder message = io.caskade.api.v1.CopyStatus.newBuilder()
                .setPartition(copy.partition())
                .setCopy(copy.copy())
                .setRole(role(copy.role()))
                .setLastLogEpoch(copy.lastLogEpoch())
                .setLogEnd(copy.logEnd())
                .setAcknowledgedEnd(copy.acknowledgedEnd())
                .setHighWatermark(copy.highWatermark())
                .setInSync(copy.inSync())
                .setDiskFull(copy.diskFull())
                .setSlowingPuts(copy.slowingPuts())
                .setTakenBytes(copy.takenBytes())
                .setLiveBytes(copy.liveBytes())
                .setProblem(copy.problem());
        copy.followers().forEach(follower -> message.addFollowers(message(follower)));
        return message.build();
    }

    private static io.caskade.api.v1.FollowerStatus message(FollowerStatus follower) {
        io.caskade.api.v1.FollowerStatus.Builder message = io.caskade.api.v1.FollowerStatus.newBuilder()
                .setNode(follower.node())
                .setStreaming(follower.streaming());
        follower.acknowledgedEnd().ifPresent(message::setAcknowledgedEnd);
        follower.lag().ifPresent(message::setLag);
        return message.build();
    }

    private static CopyRole role(Role role) {
        return switch (role) {
            case Role.Follower _ -> CopyRole.COPY_ROLE_FOLLOWER;
            case Role.Candidate _, Role.PendingLeader _ -> CopyRole.COPY_ROLE_PENDING_LEADER;
            case Role.Leader _ -> CopyRole.COPY_ROLE_LEADER;
            case Role.Transferring _, Role.Resigned _ -> CopyRole.COPY_ROLE_TRANSFERRING;
            case Role.Stopped _ -> CopyRole.COPY_ROLE_STOPPED;
            case Role.Fenced _ -> CopyRole.COPY_ROLE_FENCED;
            case Role.Rebuilding _ -> CopyRole.COPY_ROLE_REBUILDING;
        };
    }
}
