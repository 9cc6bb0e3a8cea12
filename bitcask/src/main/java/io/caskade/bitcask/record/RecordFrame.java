package io.caskade.bitcask.record;

import io.caskade.bitcask.disk.LittleEndian;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A span header, which precedes the records that another copy's merges left of a span of sequences. Header and
/// records are one batch. Little-endian, like a record:
///
/// ```
///  0  u32 crc32c of the rest of the frame     16  u64 first sequence covered
///  4  u8  5                                   24  u64 0
///  5  u8  0                                   32  u64 last sequence covered
///  6  u16 0                                   40  u64 bytes of the records behind the frame
///  8  u32 bytes of the frame from 32 on       48  epochs: u32 epoch, u64 its first sequence
/// 12  u32 epoch of the first sequence
/// ```
///
/// @param first sequence covered, whether its record remains or not
/// @param last sequence covered
/// @param bytes how many the records after the frame have
/// @param epochs of all sequences covered, each with its first among them
public record RecordFrame(long first, long last, long bytes, List<EpochHistory.Start> epochs) {

    /// In place of a record's kind; no record has it.
    static final byte KIND = 5;

    private static final int LAST = RecordFormat.HEADER_BYTES;
    private static final int BYTES = LAST + Long.BYTES;
    private static final int EPOCHS = BYTES + Long.BYTES;
    private static final int EPOCH_BYTES = Integer.BYTES + Long.BYTES;

    /// Makes the list immutable.
    public RecordFrame {
        epochs = List.copyOf(epochs);
    }

    /// How many bytes the frame has.
    public int frameBytes() {
        return EPOCHS + epochs.size() * EPOCH_BYTES;
    }

    /// The epoch of the last sequence covered.
    public int lastEpoch() {
        return epochs.getLast().epoch();
    }

    /// The frame and the records in it.
    public ByteBuffer encode(ByteBuffer records) {
        ByteBuffer frame = LittleEndian.allocate(Math.addExact(frameBytes(), records.remaining()));
        frame.putInt(0)
                .put(KIND)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(frameBytes() - LAST)
                .putInt(epochs.getFirst().epoch())
                .putLong(first)
                .putLong(0)
                .putLong(last)
                .putLong(bytes);
        epochs.forEach(start -> frame.putInt(start.epoch()).putLong(start.sequence()));
        frame.put(records.duplicate()).flip();
        return frame.putInt(RecordFormat.CRC, RecordFormat.checksum(frame, 0, frameBytes()));
    }

    /// Whether bytes, of which there are a record's header, claim to be a frame.
    public static boolean isAt(ByteBuffer buffer, int at) {
        return buffer.get(at + RecordFormat.KIND) == KIND;
    }

    /// How long a frame claims to be; negative when that makes no sense.
    public static int claimedBytes(ByteBuffer buffer, int at) {
        int behind = RecordFormat.valueLength(buffer, at);
        boolean makesSense = behind >= EPOCHS - LAST + EPOCH_BYTES
                && behind <= RecordFormat.MAX_VALUE_BYTES
                && (behind - (EPOCHS - LAST)) % EPOCH_BYTES == 0
                && RecordFormat.keyLength(buffer, at) == 0
                && RecordFormat.flags(buffer, at) == 0;
        return makesSense ? LAST + behind : RecordFormat.INVALID;
    }

    /// The frame of bytes that are there as far as they claim; null when they are none or not intact.
    public static @Nullable RecordFrame read(ByteBuffer buffer, int at) {
        int length = claimedBytes(buffer, at);
        if (length < 0 || length > buffer.limit() - at || !RecordFormat.isIntact(buffer, at, length)) {
            return null;
        }
        List<EpochHistory.Start> epochs = new ArrayList<>();
        for (int i = at + EPOCHS; i < at + length; i += EPOCH_BYTES) {
            epochs.add(new EpochHistory.Start(buffer.getInt(i), buffer.getLong(i + Integer.BYTES)));
        }
        RecordFrame read = new RecordFrame(
                RecordFormat.sequence(buffer, at), buffer.getLong(at + LAST), buffer.getLong(at + BYTES), epochs);
        return read.last >= read.first && read.bytes >= 0 ? read : null;
    }
}
