package io.caskade.server.door.grpc;

import io.caskade.api.v1.AdminGrpc;
import io.caskade.api.v1.CopyRole;
import io.caskade.api.v1.DescribeNodeRequest;
import io.caskade.api.v1.DescribeNodeResponse;
import io.caskade.api.v1.DrainNodeRequest;
import io.caskade.api.v1.DrainNodeResponse;
import io.caskade.api.v1.FollowerStatus;
import io.caskade.api.v1.MoveLeaderRequest;
import io.caskade.api.v1.MoveLeaderResponse;
import io.caskade.server.admin.Administration;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.admin.NodeStatus;
import io.caskade.server.replica.FollowerStanding;
import io.caskade.server.replica.Role;
import io.grpc.stub.StreamObserver;

/// The administrators' service of `admin.proto`. Safe for use by any thread.
final class AdminService extends AdminGrpc.AdminImplBase {

    private final Administration administration;

    AdminService(Administration administration) {
        this.administration = administration;
    }

    @Override
    public void describeNode(DescribeNodeRequest request, StreamObserver<DescribeNodeResponse> caller) {
        Answers.send(caller, administration::describe, AdminService::message);
    }

    @Override
    public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> caller) {
        Answers.send(
                caller,
                () -> administration.moveLeader(request.getPartition(), request.getNode()),
                changed -> MoveLeaderResponse.newBuilder().setChanged(changed).build());
    }

    @Override
    public void drainNode(DrainNodeRequest request, StreamObserver<DrainNodeResponse> caller) {
        Answers.send(
                caller,
                () -> administration.drain(request.getNode(), !request.getUndo()),
                drain -> DrainNodeResponse.newBuilder()
                        .addAllLeads(drain.leads())
                        .addAllKeeps(drain.keeps())
                        .addAllStuck(drain.stuck())
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
                .setEpoch(copy.epoch())
                .setLogEnd(copy.logEnd())
                .setHeldEnd(copy.heldEnd())
                .setWatermark(copy.watermark())
                .setInSync(copy.inSync())
                .setReadOnly(copy.readOnly())
                .setTrouble(copy.trouble());
        copy.followers().forEach(follower -> message.addFollowers(message(follower)));
        return message.build();
    }

    private static FollowerStatus message(FollowerStanding follower) {
        FollowerStatus.Builder message =
                FollowerStatus.newBuilder().setNode(follower.node()).setStreaming(follower.streaming());
        follower.held().ifPresent(message::setHeldEnd);
        follower.lag().ifPresent(message::setLag);
        return message.build();
    }

    private static CopyRole role(Role role) {
        return switch (role) {
            case Role.Following _ -> CopyRole.COPY_ROLE_FOLLOWING;
            case Role.Claiming _, Role.Establishing _ -> CopyRole.COPY_ROLE_STARTING_TO_LEAD;
            case Role.Serving _ -> CopyRole.COPY_ROLE_LEADING;
            case Role.Draining _, Role.Yielding _ -> CopyRole.COPY_ROLE_HANDING_OVER;
            case Role.Stopped _ -> CopyRole.COPY_ROLE_STOPPED;
            case Role.Fenced _ -> CopyRole.COPY_ROLE_FENCED;
            case Role.Rebuilding _ -> CopyRole.COPY_ROLE_REBUILDING;
        };
    }
}
