package io.caskade.server.config;

import io.caskade.settings.Section;

/// The node's listeners.
public record ListenersConfig(
        @Section("The gRPC listener, for the client library and the shell.")
        GrpcListenerConfig grpc,

        @Section("The HTTP listener, for HTTP clients, health checks and Prometheus.")
        HttpListenerConfig http,

        @Section("The listener for the Redis protocol, for clients and tools of Redis.")
        RedisListenerConfig redis,

        @Section("The replication listener, for other nodes only.")
        ReplicationListenerConfig replication) {}
