package io.caskade.bench.cluster;

import io.caskade.api.KeySlots;
import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.load.LoadGenerator;
import io.caskade.bench.load.OpenLoop;
import io.caskade.bench.load.OperationListener;
import io.caskade.bench.load.OperationSource;
import io.caskade.client.AsyncCaskadeClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Writes and reads every partition at a fixed rate, each partition's share the same, and keeps count of
/// what succeeds and what fails. A partition that is away shows however well the others do.
///
/// Thread-safe.
final class SteadyLoad implements LoadGenerator {

    private static final int VALUE_BYTES = 100;

    private final Stream writes;
    private final Stream reads;
    private final LoadGenerator writing;
    private final LoadGenerator reading;

    /// What became of the operations of one kind.
    ///
    /// @param successes by partition
    private record Stream(SuccessTimes successes, FailureCounts failures, int partitions) implements OperationListener {

        Stream(int partitions) {
            this(new SuccessTimes(partitions), new FailureCounts(), partitions);
        }

        @Override
        public void ended(long number, long due, long end, @Nullable Throwable failure) {
            if (failure == null) {
                successes.add((int) (number % partitions), end);
            } else {
                failures.add(failure);
            }
        }
    }

    private SteadyLoad(AsyncCaskadeClient client, int partitions, int perSecond) {
        List<byte[]> keys = IntStream.range(0, partitions)
                .mapToObj(partition -> keyIn(partition, partitions))
                .toList();
        byte[] value = new byte[VALUE_BYTES];
        writes = new Stream(partitions);
        reads = new Stream(partitions);
        OperationSource puts = number -> client.put(keys.get((int) (number % partitions)), value);
        OperationSource gets = number -> client.get(keys.get((int) (number % partitions)));
        writing = OpenLoop.start(puts, (double) perSecond * partitions, writes);
        reading = OpenLoop.start(gets, (double) perSecond * partitions, reads);
    }

    /// Starts it.
    ///
    /// @param perSecond writes, and reads, per second and partition
    static SteadyLoad start(AsyncCaskadeClient client, int partitions, int perSecond) {
        return new SteadyLoad(client, partitions, perSecond);
    }

    /// A key of a partition.
    static byte[] keyIn(int partition, int partitions) {
        return IntStream.iterate(0, number -> number + 1)
                .mapToObj(number -> ("steady-" + number).getBytes(StandardCharsets.UTF_8))
                .filter(key -> KeySlots.partitionOf(key, partitions) == partition)
                .findFirst()
                .orElseThrow();
    }

    SuccessTimes writes() {
        return writes.successes();
    }

    SuccessTimes reads() {
        return reads.successes();
    }

    /// Writes that failed. All that were due are counted only when this is closed.
    FailureCounts failedWrites() {
        return writes.failures();
    }

    /// Reads that failed. All that were due are counted only when this is closed.
    FailureCounts failedReads() {
        return reads.failures();
    }

    @Override
    public void close() {
        writing.close();
        reading.close();
    }
}
