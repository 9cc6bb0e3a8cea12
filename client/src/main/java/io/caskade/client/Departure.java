package io.caskade.client;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/// Tells whether a call may have left this process. A stream is created on a transport only when a connection stands;
/// before that a failed call provably reached nobody. After it nothing is provable, so every such call counts as sent.
///
/// Set by gRPC's threads, read after the call has ended.
final class Departure extends ClientStreamTracer.Factory {

    private volatile boolean possible;

    /// Whether anybody may have received the call.
    boolean possible() {
        return possible;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void streamCreated(Attributes transport, Metadata sentHeaders) {
                possible = true;
            }
        };
    }
}
