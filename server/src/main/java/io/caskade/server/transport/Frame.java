package io.caskade.server.transport;

import io.caskade.api.v1.ReplicationFrame;

/// One gRPC message of a stream.
sealed interface Frame {

    /// A well-formed frame.
    record Content(ReplicationFrame frame) implements Frame {}

    /// Bytes that are no frame. They are answered, so they are not an exception here.
    record Unreadable(String why) implements Frame {}
}
