package io.caskade.bench.engine;

import io.caskade.bench.time.Pause;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Watches how much of a file system is taken up, as `df` does: what was deleted and is still open or mapped
/// counts too. It means something only while nothing else writes there.
final class FreeSpaceWatch implements Closeable {

    private static final Duration POLL = Duration.ofMillis(2);

    private final FileStore fileStore;
    private final long freeBefore;
    private final Thread thread;

    private volatile long peak;
    private volatile boolean stopped;

    private FreeSpaceWatch(FileStore fileStore) throws IOException {
        this.fileStore = fileStore;
        this.freeBefore = fileStore.getUnallocatedSpace();
        this.thread = Thread.ofPlatform().daemon().name("free-space").unstarted(this::watch);
    }

    /// Begins to watch the file system of a directory: what is taken up from now on.
    static FreeSpaceWatch start(Path directory) throws IOException {
        FreeSpaceWatch watch = new FreeSpaceWatch(Files.getFileStore(directory));
        watch.thread.start();
        return watch;
    }

    private void watch() {
        while (!stopped) {
            try {
                peak = Math.max(peak, taken());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Pause.of(POLL);
        }
    }

    /// How much more is taken up than at the start.
    long taken() throws IOException {
        return freeBefore - fileStore.getUnallocatedSpace();
    }

    /// The most that was taken up so far.
    long peak() {
        return peak;
    }

    @Override
    public void close() {
        stopped = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
