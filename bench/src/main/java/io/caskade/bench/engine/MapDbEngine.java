package io.caskade.bench.engine;

import java.nio.file.Path;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/// MapDB's hash map on a file. Its write-ahead log syncs with each commit; without it the file is mapped, and
/// lost when the process dies.
final class MapDbEngine implements Engine {

    private final boolean commitEach;
    private final DB db;
    private final ConcurrentMap<byte[], byte[]> records;

    MapDbEngine(Path directory, WriteMode mode) {
        commitEach = mode == WriteMode.SYNC_EACH;
        DBMaker.Maker maker = DBMaker.fileDB(directory.resolve("store").toFile());
        db = mode == WriteMode.UNSYNCED
                ? maker.fileMmapEnable().make()
                : maker.fileChannelEnable().transactionEnable().make();
        records = db.hashMap("records")
                .keySerializer(Serializer.BYTE_ARRAY)
                .valueSerializer(Serializer.BYTE_ARRAY)
                .createOrOpen();
    }

    @Override
    public void put(byte[] key, byte[] value) {
        records.put(key, value);
        if (commitEach) {
            db.commit();
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return records.get(key);
    }

    @Override
    public void sync() {
        db.commit();
    }

    @Override
    public void settle() {}

    @Override
    public void close() {
        db.close();
    }
}
