package io.caskade.cli.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;

/// Sends over HTTP/1.1. All clients share a pool of connections, of which each request in flight has one.
///
/// @param base where the records are, `http://127.0.0.1:8080/v1/kv/`
/// @param value of each write
record HttpLoadClient(HttpClient http, URI base, byte[] value, Duration timeout) implements LoadClient {

    private static final int FIRST_FAILURE = 400;

    @Override
    public void exchange(List<LoadOperation> operations, Measurements measurements) throws InterruptedException {
        CountDownLatch left = new CountDownLatch(operations.size());
        for (LoadOperation operation : operations) {
            HttpRequest request = request(operation);
            long start = System.nanoTime();
            var _ = http.sendAsync(request, BodyHandlers.discarding()).whenComplete((response, failure) -> {
                if (failure != null) {
                    measurements.failed(reason(failure));
                } else if (response.statusCode() >= FIRST_FAILURE) {
                    measurements.failed("status " + response.statusCode());
                } else {
                    measurements.succeeded(start);
                }
                left.countDown();
            });
        }
        left.await();
    }

    private HttpRequest request(LoadOperation operation) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(new String(operation.key(), UTF_8)))
                .timeout(timeout)
                .header("Accept", "application/octet-stream");
        return operation.isPut()
                ? request.header("Content-Type", "application/octet-stream")
                        .PUT(BodyPublishers.ofByteArray(value))
                        .build()
                : request.build();
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.getClass().getSimpleName().replace("Exception", "");
    }

    /// The pool goes on.
    @Override
    public void close() {}
}
