package io.caskade.server.transport;

import io.caskade.api.v1.ReplicationGrpc;
import io.grpc.MethodDescriptor;

/// The calls of the contract, one a traffic class, with frames as they are here.
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
