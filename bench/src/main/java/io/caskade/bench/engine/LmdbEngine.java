package io.caskade.bench.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/// LMDB through lmdbjava: a transaction per put, and per thread a read transaction that is renewed for each
/// get, the fastest way its documentation has.
final class LmdbEngine implements Engine {

    private static final long MAP_BYTES = 64L << 30;
    private static final int MAX_READERS = 64;
    private static final int MAX_KEY_BYTES = 511;

    /// What one thread reads with.
    private final class Reader {
        final Txn<ByteBuffer> txn = env.txnRead();
        final ByteBuffer key = ByteBuffer.allocateDirect(MAX_KEY_BYTES);

        Reader() {
            txn.reset();
        }
    }

    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> records;
    private final Queue<Reader> readers = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<Reader> reader = ThreadLocal.withInitial(() -> {
        Reader added = new Reader();
        readers.add(added);
        return added;
    });

    LmdbEngine(Path directory, WriteMode mode) {
        Env.Builder<ByteBuffer> builder = Env.create(ByteBufferProxy.PROXY_OPTIMAL)
                .setMapSize(MAP_BYTES)
                .setMaxReaders(MAX_READERS)
                .setMaxDbs(1);
        env = mode == WriteMode.SYNC_EACH
                ? builder.open(directory.toFile(), EnvFlags.MDB_NOTLS)
                : builder.open(directory.toFile(), EnvFlags.MDB_NOTLS, EnvFlags.MDB_NOSYNC);
        records = env.openDbi("records", DbiFlags.MDB_CREATE);
    }

    @Override
    public void put(byte[] key, byte[] value) {
        ByteBuffer directKey = reader.get().key.clear().put(key).flip();
        try (Txn<ByteBuffer> txn = env.txnWrite()) {
            records.reserve(txn, directKey, value.length).put(value);
            txn.commit();
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        Reader mine = reader.get();
        mine.txn.renew();
        try {
            ByteBuffer found = records.get(mine.txn, mine.key.clear().put(key).flip());
            if (found == null) {
                return null;
            }
            byte[] value = new byte[found.remaining()];
            found.get(value);
            return value;
        } finally {
            mine.txn.reset();
        }
    }

    @Override
    public void sync() {
        env.sync(true);
    }

    @Override
    public void settle() {}

    @Override
    public void close() throws IOException {
        readers.forEach(each -> each.txn.close());
        records.close();
        env.close();
    }
}
