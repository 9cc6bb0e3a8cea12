package io.caskade.bitcask.disk;

import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives memory maps back to the system, on a thread of its own that ends when there is nothing to do.
///
/// A map that is left to the garbage collector keeps a deleted file's space for as long as nothing makes
/// garbage. But closing a shared arena waits until every running thread has passed a safepoint, which takes
/// milliseconds on a busy machine: no writer or event loop may do that.
public final class Unmapper {

    private static final Logger LOG = LoggerFactory.getLogger(Unmapper.class);

    private static final int IDLE_SECONDS = 10;

    private static final ThreadPoolExecutor THREAD = new ThreadPoolExecutor(
            0,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("bitcask-unmap").daemon().factory());

    private Unmapper() {}

    /// Closes a shared arena soon. Who still uses its memory then gets an [IllegalStateException].
    public static void close(Arena arena) {
        THREAD.execute(() -> {
            try {
                arena.close();
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "a memory map cannot be given back; the space of its file is taken until the process ends", e);
            }
        });
    }

    /// Returns when all arenas are closed that were to be closed before the call. Blocks; not for a writer.
    public static void await() {
        CompletableFuture.runAsync(() -> {}, THREAD).join();
    }
}
