package io.caskade.bitcask.store.index;

import io.caskade.bitcask.hint.Parallelism;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Runs numbered tasks on all processors, or one after the other.
public final class ParallelTasks {

    private ParallelTasks() {}

    /// Runs the tasks 0 to `count - 1` and returns, or throws what one of them threw, once all have ended.
    /// After a failure no further task starts.
    public static void runAll(Parallelism parallelism, int count, IntConsumer work) {
        if (parallelism == Parallelism.NONE) {
            IntStream.range(0, count).forEach(work);
            return;
        }
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
