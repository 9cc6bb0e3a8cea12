package io.caskade.server.transport;

import io.caskade.api.v1.ReplicationGrpc;
import io.grpc.MethodDescriptor;

/// The gRPC methods of the contract, one per traffic class, with [Frame]s as messages.
final class ReplicationMethods {

    private static final FrameMarshaller MARSHALLER = new FrameMarshaller();
    private static final MethodDescriptor<Frame, Frame> LOGS = ofFrames(ReplicationGrpc.getLogsMethod());
    private static final MethodDescriptor<Frame, Frame> HEARTBEATS = ofFrames(ReplicationGrpc.getHeartbeatsMethod());

    private ReplicationMethods() {}

    static MethodDescriptor<Frame, Frame> of(TrafficClass trafficClass) {
        return switch (trafficClass) {
            case LOGS -> LOGS;
            case HEARTBEATS -> HEARTBEATS;
        };
    }

    private static MethodDescriptor<Frame, Frame> ofFrames(MethodDescriptor<?, ?> method) {
        return method.toBuilder(MARSHALLER, MARSHALLER).build();
    }
}
