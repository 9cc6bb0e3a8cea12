package io.caskade.server.transport;

import io.caskade.api.v1.ReplicationFrame;

/// What travels on a stream: one gRPC message.
sealed interface Frame {

    /// A frame as the contract has it.
    record Content(ReplicationFrame frame) implements Frame {}

    /// Bytes that are no frame. An answer is given to them, so they are not an exception here.
    record Unreadable(String why) implements Frame {}
}
