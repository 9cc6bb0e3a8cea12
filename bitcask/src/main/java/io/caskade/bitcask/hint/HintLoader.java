package io.caskade.bitcask.hint;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.keydir.KeyHasher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the hints of a log's segments in order, a few ahead, each on its own thread unless opening is
/// sequential.
///
/// Only these few are in memory at a time. A hint that cannot be read is ignored.
public final class HintLoader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HintLoader.class);

    private static final int AHEAD = 4;

    private final Disk disk;
    private final int partition;
    private final @Nullable KeyHasher hasher;
    private final Iterator<Path> segments;
    private final Deque<CompletableFuture<Optional<Hint>>> loading = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Executor loader;

    /// Creates a loader for these segments; without a hasher it loads nothing.
    public HintLoader(
            Disk disk, List<Path> segments, int partition, Parallelism parallelism, @Nullable KeyHasher hasher) {
        this.disk = disk;
        this.partition = partition;
        this.loader = parallelism == Parallelism.NONE ? Runnable::run : threads;
        this.hasher = hasher;
        this.segments = segments.iterator();
        for (int i = 0; i < AHEAD; i++) {
            loadOne();
        }
    }

    private void loadOne() {
        if (hasher != null && segments.hasNext()) {
            Path segment = segments.next();
            long fingerprint = hasher.fingerprint();
            loading.add(CompletableFuture.supplyAsync(() -> load(segment, fingerprint), loader));
        }
    }

    private Optional<Hint> load(Path segment, long fingerprint) {
        try {
            return Hint.read(disk, segment, partition, fingerprint);
        } catch (IOException e) {
            LOG.warn("{}: cannot read its hint; reading the segment instead", segment, e);
            return Optional.empty();
        }
    }

    /// The hint of the next segment, or nothing.
    public Optional<Hint> next() {
        loadOne();
        CompletableFuture<Optional<Hint>> first = loading.pollFirst();
        return first == null ? Optional.empty() : first.join();
    }

    @Override
    public void close() {
        threads.close();
    }
}
