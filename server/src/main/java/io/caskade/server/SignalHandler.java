package io.caskade.server;

import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/// Has a process end in order, and with its own exit code, when a signal comes: the JVM alone would end in
/// the middle of what is under way and report the signal.
final class SignalHandler {

    private SignalHandler() {}

    /// Runs a task that is interrupted by SIGTERM or SIGINT and then returns the exit code.
    ///
    /// @param otherwise the exit code when the task throws
    /// @return what the task returned
    static int run(IntSupplier task, int otherwise) {
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

    /// Runs when the process ends, by a signal above all, which may come while the task is still starting.
    private static void end(Thread runner, CompletableFuture<Integer> ended) {
        runner.interrupt();
        Runtime.getRuntime().halt(ended.join());
    }
}
