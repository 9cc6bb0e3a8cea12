package io.caskade.bench.engine;

import io.caskade.bitcask.Bitcask;
import io.caskade.bitcask.Options;
import io.caskade.bitcask.log.Durability;
import io.caskade.bitcask.store.Entry;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// This project's engine, with its default options but for durability.
final class CaskadeEngine implements Engine {

    private final Bitcask store;

    CaskadeEngine(Path directory, WriteMode mode) throws IOException {
        store = Bitcask.open(
                directory,
                Options.defaults().withDurability(mode == WriteMode.SYNC_EACH ? Durability.SYNC : Durability.NONE));
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
    public void settle() {}

    @Override
    public void close() throws IOException {
        store.close();
    }
}
