package io.caskade.bench.engine;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/// Measures how many bytes of heap an operation allocates on its own thread.
final class AllocationMeter {

    /// What a get hands out, for keys of 16 and values of 100 bytes: an entry of 40 bytes, and two arrays with
    /// their headers.
    static final int RETURNED_BYTES = 40 + 32 + 120;

    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private AllocationMeter() {}

    /// Bytes for each of `times` runs of an operation, run as often before to be compiled. What the harness
    /// allocates to ask is taken off.
    static double bytesPer(int times, ThroughputMeter.Operation operation) throws IOException {
        repeat(times, operation);
        long started = THREADS.getCurrentThreadAllocatedBytes();
        long asking = THREADS.getCurrentThreadAllocatedBytes() - started;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        repeat(times, operation);
        return (double) (THREADS.getCurrentThreadAllocatedBytes() - before - asking) / times;
    }

    private static void repeat(int times, ThroughputMeter.Operation operation) throws IOException {
        for (int i = 0; i < times; i++) {
            operation.run();
        }
    }
}
