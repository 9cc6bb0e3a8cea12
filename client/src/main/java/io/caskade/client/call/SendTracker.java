package io.caskade.client.call;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/// Tracks whether a call may have left this process. gRPC creates a stream on a transport only once a
/// connection is established; a call that failed before that provably reached no node. After it nothing can
/// be proved, so the call counts as sent.
///
/// Set by gRPC's threads, read after the call has ended.
final class SendTracker extends ClientStreamTracer.Factory {

    private volatile boolean maybeSent;

    /// Whether a node may have received the call.
    boolean maybeSent() {
        return maybeSent;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void streamCreated(Attributes transport, Metadata sentHeaders) {
                maybeSent = true;
            }
        };
    }
}
