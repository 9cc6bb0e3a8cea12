package io.caskade.server.listener.grpc;

import io.caskade.api.v1.AdminGrpc;
import io.caskade.api.v1.CopyRole;
import io.caskade.api.v1.DescribeNodeRequest;
import io.caskade.api.v1.DescribeNodeResponse;
import io.caskade.api.v1.DrainNodeRequest;
import io.caskade.api.v1.DrainNodeResponse;
import io.caskade.api.v1.MoveLeaderRequest;
import io.caskade.api.v1.MoveLeaderResponse;
import io.caskade.server.admin.AdminOperations;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.admin.NodeStatus;
import io.caskade.server.replica.FollowerStatus;
import io.caskade.server.replica.Role;
import io.grpc.stub.StreamObserver;

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
