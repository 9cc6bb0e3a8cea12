package io.caskade.bitcask.inspect;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;

/// Tells which records of a log are the newest of their keys. Takes about 35 bytes of memory per key.
final class LiveKeys implements SalvageSink {

    private final KeyHasher hasher;
    private final Keydir newest = new Keydir();
    private long time;
    private long logTime;

    private LiveKeys() {
        byte[] secret = new byte[KeyHasher.SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        hasher = new KeyHasher(secret);
    }

    /// Reads the whole log, and judges expiry by another time than the log's.
    static LiveKeys in(SalvageScan scan, long time) throws IOException {
        LiveKeys live = in(scan);
        live.logTime = live.time;
        live.time = time;
        return live;
    }

    /// Reads the whole log.
    static LiveKeys in(SalvageScan scan) throws IOException {
        LiveKeys live = new LiveKeys();
        scan.read(live);
        live.time = Math.max(live.time, scan.time());
        live.logTime = live.time;
        return live;
    }

    @Override
    public void record(ByteBuffer bytes, int at, Path file, long offset) {
        switch (RecordFormat.kind(bytes, at)) {
            case PUT -> newest.put(hash(bytes, at), RecordFormat.sequence(bytes, at));
            case TOMBSTONE -> newest.remove(hash(bytes, at));
            case CLEAR -> newest.clear();
            case MARK -> time = Math.max(time, RecordFormat.markTime(bytes, at));
        }
    }

    /// Whether a record is a value that its key has, and that has not expired by [#time].
    boolean contain(ByteBuffer bytes, int at) {
        if (RecordFormat.kind(bytes, at) != RecordKind.PUT) {
            return false;
        }
        long expiresAt = RecordFormat.expiresAt(bytes, at);
        return (expiresAt == 0 || expiresAt > time) && newest.find(hash(bytes, at)) == RecordFormat.sequence(bytes, at);
    }

    private KeyHash hash(ByteBuffer bytes, int at) {
        return hasher.hash(RecordFormat.key(bytes, at));
    }

    /// The time by which expiry is judged, Unix milliseconds: the log's, unless another was given.
    long time() {
        return time;
    }

    /// The newest time in a MARK, Unix milliseconds.
    long logTime() {
        return logTime;
    }
}
