package io.caskade.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Has a signal, such as Ctrl-C, end the wait of a command for what the cluster does without the shell, instead
/// of the process: the command then says what goes on. At any other time, the signal ends the process as usual.
final class WaitInterruption {

    private static final long TIMEOUT_SECONDS = 5;

    /// As shells report a process that Ctrl-C has ended.
    private static final int INTERRUPTED = 130;

    private final IntConsumer halt;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private volatile @Nullable Thread waiting;

    /// @param halt ends the process at once with an exit code
    WaitInterruption(IntConsumer halt) {
        this.halt = halt;
    }

    /// The calling thread runs a command that waits, until the process ends.
    void beginWait() {
        waiting = Thread.currentThread();
    }

    /// The process is about to end by itself.
    void end(int exitCode) {
        ended.complete(exitCode);
    }

    /// The process is ending: a shutdown hook. If a command waits, it ends, for a few seconds at most.
    void onShutdown() {
        Thread thread = waiting;
        if (thread == null || ended.isDone()) {
            return;
        }
        thread.interrupt();
        halt.accept(ended.completeOnTimeout(INTERRUPTED, TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join());
    }
}
