package io.caskade.server.listener.http;

import java.util.concurrent.atomic.AtomicLong;

/// Bounds the bytes of request bodies that have arrived and are not complete, or not handed on, for all clients
/// together. Thread-safe.
final class BodyBudget {

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /// @param limit in bytes, the setting `limits.in-flight`; a body that is larger is received alone
    BodyBudget(long limit) {
        this.limit = limit;
    }

    /// Takes bytes.
    ///
    /// @param own what the body has taken so far: if that is all there is, any number fits
    /// @throws HttpFailure when they do not fit
    void take(long bytes, long own) {
        while (true) {
            long before = used.get();
            if (before != own && before + bytes > limit) {
                throw new HttpFailure(
                        ErrorCode.BUSY,
                        "more bytes of requests are being received than limits.in-flight allows, " + limit
                                + " bytes; try again later");
            }
            if (used.compareAndSet(before, before + bytes)) {
                return;
            }
        }
    }

    /// Gives bytes back.
    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /// How many bytes are taken.
    long used() {
        return used.get();
    }
}
