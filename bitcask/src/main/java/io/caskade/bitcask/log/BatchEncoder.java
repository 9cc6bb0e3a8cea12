package io.caskade.bitcask.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Encodes the batches of one group commit, one behind the other, into a buffer that is reused from group to
/// group.
///
/// Records get dense sequences from the one the encoder was started at. A batch is open from its first record
/// to [#endBatch]; MARK and CLEAR are batches of their own. Not safe for use by several threads.
public final class BatchEncoder {

    private static final byte[] NOTHING = {};
    private static final int MARK_VALUE_BYTES = RecordFormat.MARK_BYTES - RecordFormat.HEADER_BYTES;
    private static final int FIRST_CAPACITY = 64 << 10;

    /// A buffer that one giant group made larger than this is let go when the next group starts.
    private static final int KEPT_CAPACITY = 4 << 20;

    private ByteBuffer bytes = allocate(FIRST_CAPACITY);
    private int epoch;
    private long nextSequence;
    private int lastRecordAt = -1;

    /// An encoder that must be started before its first record.
    public BatchEncoder() {}

    /// Begins a group whose first record gets `firstSequence`.
    public void start(int epoch, long firstSequence) {
        if (bytes.capacity() > KEPT_CAPACITY) {
            bytes = allocate(FIRST_CAPACITY);
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
    public long mark(long time, long watermark) {
        refuseOpenBatch();
        ByteBuffer value = ByteBuffer.allocate(MARK_VALUE_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(time)
                .putLong(watermark);
        long sequence = add(RecordKind.MARK, NOTHING, value.array(), 0);
        endBatch();
        return sequence;
    }

    /// Ends the open batch, if there is one. All of it will survive a crash, or none.
    public void endBatch() {
        if (lastRecordAt >= 0) {
            seal(0);
        }
    }

    /// The sequence the next record will get.
    public long nextSequence() {
        return nextSequence;
    }

    /// How many bytes the group has so far.
    public int size() {
        return bytes.position();
    }

    /// The group's bytes, from position to limit. They are the encoder's own, good until it is started again.
    ///
    /// @throws IllegalStateException when a batch is open
    public ByteBuffer group() {
        refuseOpenBatch();
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).flip();
    }

    private void refuseOpenBatch() {
        if (lastRecordAt >= 0) {
            throw new IllegalStateException("a batch is open at sequence " + nextSequence);
        }
    }

    /// A record without a key, or with one that is too long, would be taken for damage when it is read.
    private static void checkKey(byte[] key) {
        if (key.length == 0 || key.length > RecordFormat.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes");
        }
    }

    private long add(RecordKind kind, byte[] key, byte[] value, long expiresAt) {
        if (lastRecordAt >= 0) {
            seal(RecordFormat.MORE_FOLLOW);
        }
        reserve(RecordFormat.HEADER_BYTES + key.length + value.length);
        int at = bytes.position();
        bytes.putInt(0)
                .put(kind.code())
                .put((byte) 0)
                .putShort((short) key.length)
                .putInt(value.length)
                .putInt(epoch)
                .putLong(nextSequence)
                .putLong(expiresAt)
                .put(key)
                .put(value);
        lastRecordAt = at;
        return nextSequence++;
    }

    /// Flags and checksums are settled when it is known whether the record ends its batch.
    private void seal(int flags) {
        int at = lastRecordAt;
        bytes.put(at + RecordFormat.FLAGS, (byte) flags);
        bytes.putInt(at + RecordFormat.CRC, RecordFormat.checksum(bytes, at, bytes.position() - at));
        lastRecordAt = -1;
    }

    private void reserve(int more) {
        if (bytes.remaining() < more) {
            long wanted = Math.max((long) bytes.capacity() * 2, (long) bytes.position() + more);
            ByteBuffer larger = allocate((int) Math.min(wanted, Integer.MAX_VALUE - 8));
            larger.put(bytes.flip());
            bytes = larger;
        }
    }

    private static ByteBuffer allocate(int capacity) {
        return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }
}
