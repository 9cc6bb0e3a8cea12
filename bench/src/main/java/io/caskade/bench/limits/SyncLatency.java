package io.caskade.bench.limits;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;

/// How long an append takes until it is on the disk.
public final class SyncLatency {

    /// What is appended each time.
    public static final int APPENDED_BYTES = 4096;

    private static final int DIGITS = 3;

    private SyncLatency() {}

    /// Appends to files and syncs each append with `fdatasync`, to all files at the same time.
    ///
    /// @param directory gets the files, which are removed
    /// @return nanoseconds, of all files
    public static Histogram measure(Path directory, int files, Duration time) throws IOException {
        Files.createDirectories(directory);
        List<CompletableFuture<Histogram>> running = new ArrayList<>();
        for (int number = 0; number < files; number++) {
            Path file = directory.resolve("sync-latency-" + number);
            running.add(CompletableFuture.supplyAsync(
                    () -> measure(file, time),
                    task -> Thread.ofPlatform().name("syncs").start(task)));
        }
        Histogram all = new Histogram(DIGITS);
        try {
            running.forEach(one -> all.add(one.join()));
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException disk) {
                throw disk.getCause();
            }
            throw e;
        }
        return all;
    }

    private static Histogram measure(Path file, Duration time) {
        byte[] bytes = new byte[APPENDED_BYTES];
        new SplittableRandom(1).nextBytes(bytes);
        ByteBuffer appended = ByteBuffer.allocateDirect(APPENDED_BYTES).put(bytes);
        Histogram nanos = new Histogram(DIGITS);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            long begin = System.nanoTime();
            long now = begin;
            while (now - begin < time.toNanos()) {
                channel.write(appended.rewind());
                channel.force(false);
                long end = System.nanoTime();
                nanos.recordValue(end - now);
                now = end;
            }
            return nanos;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
