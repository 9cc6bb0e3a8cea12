package io.caskade.cli.bench;

import io.caskade.cli.redis.RedisException;
import io.caskade.cli.redis.RedisServer;
import io.caskade.client.CaskadeClient;
import io.caskade.client.ClusterView.Endpoint;
import io.caskade.client.ClusterView.Node;
import io.caskade.settings.HostPort;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/// Makes the clients of each protocol. Those of Redis's and of HTTP are spread over the nodes that listen.
final class LoadClients implements AutoCloseable {

    private final CaskadeClient cluster;
    private final byte[] value;
    private final Duration timeout;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;

    /// @param cluster is not closed with this
    /// @param value of each write
    /// @param timeout of each request
    LoadClients(CaskadeClient cluster, byte[] value, Duration timeout) {
        this.cluster = cluster;
        this.value = value;
        this.timeout = timeout;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .executor(threads)
                .build();
    }

    /// Connects so many clients; throws [RedisException] or [io.caskade.client.CaskadeException] if that fails.
    ///
    /// @throws NotOfferedException when no node listens for the protocol
    List<LoadClient> open(BenchProtocol protocol, int count) throws NotOfferedException {
        List<Endpoint> endpoints = endpoints(protocol);
        List<LoadClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                clients.add(open(protocol, endpoints.get(i % endpoints.size())));
            }
            return clients;
        } catch (RedisException e) {
            clients.forEach(LoadClient::close);
            throw e;
        }
    }

    private LoadClient open(BenchProtocol protocol, Endpoint endpoint) {
        return switch (protocol) {
            case GRPC -> new GrpcLoadClient(cluster.async(), value);
            case REDIS ->
                new RedisLoadClient(RedisServer.at(new HostPort(endpoint.host(), endpoint.port()), timeout), value);
            case HTTP ->
                new HttpLoadClient(
                        http, URI.create(String.format(Locale.ROOT, "http://%s/v1/kv/", endpoint)), value, timeout);
        };
    }

    private List<Endpoint> endpoints(BenchProtocol protocol) throws NotOfferedException {
        Function<Node, Optional<Endpoint>> of = switch (protocol) {
            case GRPC -> Node::grpc;
            case REDIS -> Node::resp;
            case HTTP -> Node::http;
        };
        List<Endpoint> found = cluster.cluster().nodes().stream()
                .map(of)
                .flatMap(Optional::stream)
                .toList();
        if (found.isEmpty()) {
            throw new NotOfferedException("no node listens for " + protocol + "; leave it out with --protocol");
        }
        return found;
    }

    /// No node listens for a protocol.
    static final class NotOfferedException extends Exception {

        private static final long serialVersionUID = 1L;

        private NotOfferedException(String message) {
            super(message);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        threads.shutdownNow();
    }
}
