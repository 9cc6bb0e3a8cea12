/// The gRPC listener: translates the service of `key_value.proto` into commands and their answers back. Decides
/// nothing. Calls arrive on virtual threads, so that a read may wait for the disk; answers may be sent from a
/// partition's loop.
@NullMarked
package io.caskade.server.listener.grpc;

import org.jspecify.annotations.NullMarked;
