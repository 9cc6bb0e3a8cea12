package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an operation leaves for the garbage collector, once it is compiled.
@Timeout(120)
final class AllocationTest {

    private static final int TIMES = 20_000;

    /// After so many rounds the compiler had its chance, also on a busy machine.
    private static final int MAX_ROUNDS = 2_000;

    /// An entry, and its value of 100 bytes with the array's header; the key is the caller's.
    private static final long RETURNED_BYTES = 40 + 120;

    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    @Test
    void aGetAllocatesNothingButWhatItReturns(@TempDir Path directory) throws IOException {
        byte[] key = "a key of sixteen".getBytes(StandardCharsets.US_ASCII);
        try (Bitcask store = Bitcask.open(directory, Options.defaults().withDurability(Durability.NONE))) {
            store.put(key, new byte[100]);
            long perGet = Long.MAX_VALUE;
            for (int round = 0; perGet > RETURNED_BYTES && round < MAX_ROUNDS; round++) {
                perGet = bytesPerGet(store, key);
            }
            assertThat(perGet).isEqualTo(RETURNED_BYTES);
        }
    }

    private static long bytesPerGet(Bitcask store, byte[] key) throws IOException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TIMES; i++) {
            store.get(key);
        }
        return (THREADS.getCurrentThreadAllocatedBytes() - before) / TIMES;
    }
}
