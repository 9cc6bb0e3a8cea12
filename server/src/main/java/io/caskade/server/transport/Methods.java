package io.caskade.server.transport;

import io.caskade.api.v1.ReplicationGrpc;
import io.grpc.MethodDescriptor;

/// The calls of the contract, one a lane, with frames as they are here.
final class Methods {

    private static final FrameMarshaller MARSHALLER = new FrameMarshaller();
    private static final MethodDescriptor<Frame, Frame> LOGS = ofFrames(ReplicationGrpc.getLogsMethod());
    private static final MethodDescriptor<Frame, Frame> BEACONS = ofFrames(ReplicationGrpc.getBeaconsMethod());

    private Methods() {}

    static MethodDescriptor<Frame, Frame> of(Lane lane) {
        return switch (lane) {
            case LOGS -> LOGS;
            case BEACONS -> BEACONS;
        };
    }

    private static MethodDescriptor<Frame, Frame> ofFrames(MethodDescriptor<?, ?> method) {
        return method.toBuilder(MARSHALLER, MARSHALLER).build();
    }
}
