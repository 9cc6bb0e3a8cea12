package io.caskade.cli.bench;

import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.RefusedException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;

/// Sends over gRPC. All clients share one Java client, which has a stream to each node.
///
/// @param value of each write
record GrpcLoadClient(AsyncCaskadeClient client, byte[] value) implements LoadClient {

    @Override
    public void exchange(List<LoadOperation> operations, Measurements measurements) throws InterruptedException {
        CountDownLatch left = new CountDownLatch(operations.size());
        for (LoadOperation operation : operations) {
            long start = System.nanoTime();
            CompletableFuture<?> answer =
                    operation.isPut() ? client.put(operation.key(), value) : client.get(operation.key());
            var _ = answer.whenComplete((result, failure) -> {
                if (failure != null) {
                    measurements.failed(reason(failure));
                } else if (result instanceof Optional<?> found && found.isEmpty()) {
                    measurements.failed("record not found");
                } else {
                    measurements.succeeded(start);
                }
                left.countDown();
            });
        }
        left.await();
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof RefusedException refused
                ? refused.codeName()
                : cause.getClass().getSimpleName().replace("Exception", "");
    }

    /// The Java client goes on.
    @Override
    public void close() {}
}
