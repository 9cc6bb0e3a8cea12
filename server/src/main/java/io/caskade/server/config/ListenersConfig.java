package io.caskade.server.config;

import io.caskade.settings.Section;

/// Where the node listens, by front listener.
public record ListenersConfig(
        @Section("The gRPC listener, for the client library and the shell.")
        GrpcListenerConfig grpc,

        @Section("Where other nodes' copies are spoken with; for nodes alone.")
        ReplicationListenerConfig replication) {}
