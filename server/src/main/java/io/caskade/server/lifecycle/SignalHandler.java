package io.caskade.server.lifecycle;

import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/// Shuts the process down cleanly on SIGTERM and SIGINT, with its own exit code: by default the JVM would exit
/// at once and report the signal.
public final class SignalHandler {

    private SignalHandler() {}

    /// Runs a task that returns the exit code when a signal interrupts it.
    ///
    /// @param otherwise the exit code when the task throws
    /// @return what the task returned
    public static int run(IntSupplier task, int otherwise) {
        Thread runner = Thread.currentThread();
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(runner, ended), "shutdown"));
        int exitCode = otherwise;
        try {
            exitCode = task.getAsInt();
            return exitCode;
        } finally {
            ended.complete(exitCode);
        }
    }

    /// The shutdown hook. A signal may arrive while the task is still starting.
    private static void end(Thread runner, CompletableFuture<Integer> ended) {
        runner.interrupt();
        Runtime.getRuntime().halt(ended.join());
    }
}
