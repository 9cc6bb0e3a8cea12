package io.caskade.bitcask.store;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Work that is cut into parts, which are done on all processors.
final class Parts {

    private Parts() {}

    /// Does the parts 0 to `count - 1` and returns, or throws what one of them has thrown, when no thread is at any of
    /// them any more. Once one has failed no other is begun.
    static void runAll(int count, IntConsumer work) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        // A stream would not wait for the other parts when one of them throws.
        IntStream.range(0, count).parallel().forEach(part -> {
            try {
                if (failure.get() == null) {
                    work.accept(part);
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        });
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }
}
