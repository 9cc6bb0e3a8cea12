package io.caskade.bench.engine;

import io.caskade.bitcask.Bitcask;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.MergeOptions;
import io.caskade.bitcask.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// This project's engine, with its default options but for durability.
final class CaskadeEngine implements Engine {

    private static final double MIN_RATIO = 0.01;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Bitcask store;

    CaskadeEngine(Path directory, WriteMode mode) throws IOException {
        this(directory, mode, MergeOptions.defaults());
    }

    private CaskadeEngine(Path directory, WriteMode mode, MergeOptions merges) throws IOException {
        store = Bitcask.open(
                directory,
                Options.defaults()
                        .withDurability(mode == WriteMode.SYNC_EACH ? Durability.SYNC : Durability.NONE)
                        .withMerges(merges));
    }

    /// A store that merges all the time it is written to, at the default pace: for a hundredth of what it
    /// could gain.
    static CaskadeEngine merging(Path directory) throws IOException {
        MergeOptions defaults = MergeOptions.defaults();
        return new CaskadeEngine(
                directory, WriteMode.UNSYNCED, new MergeOptions(true, MIN_RATIO, defaults.bytesPerSecond()));
    }

    @Override
    public void put(byte[] key, byte[] value) throws IOException {
        store.put(key, value);
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
        Entry entry = store.get(key);
        return entry == null ? null : entry.value();
    }

    @Override
    public void sync() throws IOException {
        store.sync();
    }

    @Override
    public void settle() throws IOException {
        try {
            store.awaitMerges(TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
