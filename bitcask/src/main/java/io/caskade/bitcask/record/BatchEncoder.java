package io.caskade.bitcask.record;

import io.caskade.bitcask.disk.LittleEndian;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/// Encodes the batches of a group commit into one buffer, which is reused for the next group.
///
/// Records get dense sequences from the one the encoder was started at. A batch is open from its first record
/// to [#endBatch]; MARK and CLEAR are batches of their own. Not thread-safe.
public final class BatchEncoder {

    private static final byte[] NOTHING = {};
    private static final int MARK_VALUE_BYTES = RecordFormat.MARK_BYTES - RecordFormat.HEADER_BYTES;
    private static final int FIRST_CAPACITY = 64 << 10;

    /// A larger buffer, left by one giant group, is dropped when the next group starts.
    private static final int KEPT_CAPACITY = 4 << 20;

    private final CRC32C crc = new CRC32C();

    private ByteBuffer bytes = allocate(FIRST_CAPACITY);

    /// Another view of the same bytes, so that a group allocates nothing.
    private ByteBuffer view = viewOf(bytes);

    private int epoch;
    private long nextSequence;
    private int lastRecordAt = -1;

    /// Creates an encoder that must be started before its first record.
    public BatchEncoder() {}

    /// Starts a group whose first record gets `firstSequence`.
    public void start(int epoch, long firstSequence) {
        if (bytes.capacity() > KEPT_CAPACITY) {
            replace(allocate(FIRST_CAPACITY));
        }
        bytes.clear();
        this.epoch = epoch;
        this.nextSequence = firstSequence;
        lastRecordAt = -1;
    }

    /// Adds a value for a key to the open batch.
    ///
    /// @param key 1 to [RecordFormat#MAX_KEY_BYTES] bytes
    /// @param value up to [RecordFormat#MAX_VALUE_BYTES] bytes
    /// @param expiresAt Unix milliseconds, 0 for never
    /// @return the record's sequence
    public long put(byte[] key, byte[] value, long expiresAt) {
        checkKey(key);
        if (value.length > RecordFormat.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("a value of " + value.length + " bytes");
        }
        return add(RecordKind.PUT, key, value, expiresAt);
    }

    /// Adds the removal of a key to the open batch.
    ///
    /// @return the record's sequence
    public long tombstone(byte[] key) {
        checkKey(key);
        return add(RecordKind.TOMBSTONE, key, NOTHING, 0);
    }

    /// Adds a batch of one: the removal of all keys.
    ///
    /// @return the record's sequence
    public long clear() {
        refuseOpenBatch();
        long sequence = add(RecordKind.CLEAR, NOTHING, NOTHING, 0);
        endBatch();
        return sequence;
    }

    /// Adds a batch of one: the leader's time, in Unix milliseconds, and its high watermark.
    ///
    /// @return the record's sequence
    public long mark(long time, long highWatermark) {
        refuseOpenBatch();
        addHeader(RecordKind.MARK, 0, MARK_VALUE_BYTES, 0);
        bytes.putLong(time).putLong(highWatermark);
        long sequence = nextSequence++;
        endBatch();
        return sequence;
    }

    /// Changes the time and the high watermark of the MARK that the group begins with.
    ///
    /// @throws IllegalStateException when it begins with something else
    public void rewriteMark(long time, long highWatermark) {
        if (size() == 0 || RecordFormat.kind(bytes, 0) != RecordKind.MARK) {
            throw new IllegalStateException("the group does not begin with a MARK");
        }
        bytes.putLong(RecordFormat.HEADER_BYTES, time)
                .putLong(RecordFormat.HEADER_BYTES + Long.BYTES, highWatermark)
                .putInt(RecordFormat.CRC, checksum(0, RecordFormat.MARK_BYTES));
    }

    /// Ends the open batch, if there is one. It survives a crash as a whole or not at all.
    public void endBatch() {
        if (lastRecordAt >= 0) {
            seal(0);
        }
    }

    /// The newest records of keys in the group, all of whose batches have ended. Looks at every record once.
    ///
    /// @return those that there are, by key; valid until the encoder's next use
    public Map<ByteBuffer, PendingRecord> newest(Set<ByteBuffer> keys) {
        Map<ByteBuffer, PendingRecord> found = new HashMap<>();
        ByteBuffer group = group();
        int end = group.limit();
        int at = 0;
        while (at < end) {
            RecordKind kind = RecordFormat.kind(group, at);
            if (kind == RecordKind.CLEAR) {
                PendingRecord clear = pendingRecord(group, at);
                keys.forEach(key -> found.put(key, clear));
            } else if (kind != RecordKind.MARK) {
                ByteBuffer key = group.slice(at + RecordFormat.HEADER_BYTES, RecordFormat.keyLength(group, at));
                if (keys.contains(key)) {
                    found.put(key, pendingRecord(group, at));
                }
            }
            at += RecordFormat.trustedLength(group, at);
        }
        return found;
    }

    private static PendingRecord pendingRecord(ByteBuffer group, int at) {
        return new PendingRecord(
                RecordFormat.kind(group, at), RecordFormat.sequence(group, at), RecordFormat.expiresAt(group, at));
    }

    /// The sequence the next record will get.
    public long nextSequence() {
        return nextSequence;
    }

    /// The size of the group so far.
    public int size() {
        return bytes.position();
    }

    /// The group's bytes, little-endian, from position 0 to the limit. The buffer belongs to the encoder and is
    /// valid until its next use.
    ///
    /// @throws IllegalStateException when a batch is open
    public ByteBuffer group() {
        refuseOpenBatch();
        return view.clear().limit(bytes.position());
    }

    private void refuseOpenBatch() {
        if (lastRecordAt >= 0) {
            throw new IllegalStateException("a batch is open at sequence " + nextSequence);
        }
    }

    /// A record with an empty or too long key would be taken for damage when it is read.
    private static void checkKey(byte[] key) {
        if (key.length == 0 || key.length > RecordFormat.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes");
        }
    }

    private long add(RecordKind kind, byte[] key, byte[] value, long expiresAt) {
        addHeader(kind, key.length, value.length, expiresAt);
        bytes.put(key).put(value);
        return nextSequence++;
    }

    private void addHeader(RecordKind kind, int keyLength, int valueLength, long expiresAt) {
        if (lastRecordAt >= 0) {
            seal(RecordFormat.MORE_FOLLOW);
        }
        reserve((long) RecordFormat.HEADER_BYTES + keyLength + valueLength);
        lastRecordAt = bytes.position();
        bytes.putInt(0)
                .put(kind.code())
                .put((byte) 0)
                .putShort((short) keyLength)
                .putInt(valueLength)
                .putInt(epoch)
                .putLong(nextSequence)
                .putLong(expiresAt);
    }

    /// Sets flags and checksum once it is known whether the record ends its batch.
    private void seal(int flags) {
        int at = lastRecordAt;
        bytes.put(at + RecordFormat.FLAGS, (byte) flags);
        bytes.putInt(at + RecordFormat.CRC, checksum(at, bytes.position() - at));
        lastRecordAt = -1;
    }

    private int checksum(int at, int length) {
        crc.reset();
        crc.update(view.clear().limit(at + length).position(at + RecordFormat.KIND));
        return (int) crc.getValue();
    }

    /// Makes room for more bytes: adding records of no more than those does not fail then.
    ///
    /// @throws OutOfMemoryError when there is no memory for them; nothing is changed
    public void reserve(long more) {
        if (bytes.remaining() < more) {
            long wanted = Math.max((long) bytes.capacity() * 2, (long) bytes.position() + more);
            replace(allocate((int) Math.min(wanted, Integer.MAX_VALUE - 8))
                    .put(view.clear().limit(bytes.position())));
        }
    }

    private void replace(ByteBuffer other) {
        bytes = other;
        view = viewOf(other);
    }

    private static ByteBuffer viewOf(ByteBuffer bytes) {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer allocate(int capacity) {
        return LittleEndian.allocateDirect(capacity);
    }
}
