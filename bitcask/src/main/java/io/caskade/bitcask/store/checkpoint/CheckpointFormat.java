package io.caskade.bitcask.store.checkpoint;

import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.log.LogManifest;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.store.index.InFlightRecords.Effect;
import io.caskade.bitcask.store.index.SegmentStats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// The head of a checkpoint file, little-endian; the keydir's entries follow.
///
/// ```
///  0  8 bytes "CASKCKP\n"               56  u64 entries
///  8  u32 format version                64  u32 next segment number
/// 12  u32 partition                     68  u32 segments
/// 16  u64 fingerprint of the secret     72  u32 epochs
/// 24  u64 last record                   76  u32 records in flight
/// 32  u64 high watermark                80  u32 bits: there are two to the power of this blocks
/// 40  u64 log time                      84  u32 crc32c of all other bytes up to the first entry
/// 48  u64 length up to the first entry
///
/// epoch      0  u32 epoch                4 u64 its first sequence
/// segment    0  u64 base                24 u64 length of the file    44 u32 crc32c of its last bytes
///            8  u64 last, if merged     32 u64 end of the records    48 fifteen u64: see below
///           16  u32 generation          40 u32 crc32c that its header claims
///           20  u32 number
/// in flight  0  u64 sequence            16 u64 hash, upper half      32 u64 location
///            8  u32 kind                24 u64 hash, lower half      40 u64 time of a MARK, expiry of a PUT
///           12  u32 0
/// block      0  u32 entries              4 u32 crc32c of them
///
/// entry      0  u64 hash, upper half     8 u64 hash, lower half      16 u64 location
/// ```
///
/// A segment's statistics: bytes of PUTs, of live PUTs, of tombstones, of MARKs, of PUTs that expire; the first
/// expiry; how many bytes were live when it was scanned; when each further eighth of the expiring bytes has
/// expired.
///
/// Entries ascend. Block *i* has those whose hash begins with *i*, as a number of that many bits.
final class CheckpointFormat {

    static final int VERSION = 1;
    static final int HEADER_BYTES = 88;
    static final int EPOCH_BYTES = 12;
    static final int SEGMENT_BYTES = 48 + SegmentStats.COLUMNS * Long.BYTES;
    static final int IN_FLIGHT_BYTES = 48;
    static final int BLOCK_BYTES = 8;
    static final int ENTRY_BYTES = 24;
    static final int ENTRY_LOW = 8;
    static final int ENTRY_LOCATION = 16;

    private static final byte[] MAGIC = "CASKCKP\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PARTITION = 12;
    private static final int FINGERPRINT = 16;
    private static final int LENGTH = 48;
    private static final int CRC = 84;
    private static final long MAX_LENGTH = Integer.MAX_VALUE - 8L;

    private CheckpointFormat() {}

    /// The size of the head.
    static int lengthFor(Checkpoint checkpoint, int blocks) {
        long length = HEADER_BYTES
                + (long) EPOCH_BYTES * checkpoint.log().epochs().starts().size()
                + (long) SEGMENT_BYTES * checkpoint.log().segments().size()
                + (long) IN_FLIGHT_BYTES * checkpoint.inFlight().size()
                + (long) BLOCK_BYTES * blocks;
        return Math.toIntExact(length);
    }

    /// The encoded head.
    static ByteBuffer encode(Checkpoint checkpoint, CheckpointBlocks blocks) {
        LogManifest log = checkpoint.log();
        ByteBuffer bytes = LittleEndian.allocate(lengthFor(checkpoint, blocks.count()));
        bytes.put(MAGIC)
                .putInt(VERSION)
                .putInt(checkpoint.partition())
                .putLong(checkpoint.fingerprint())
                .putLong(log.end())
                .putLong(checkpoint.highWatermark())
                .putLong(checkpoint.logTime())
                .putLong(bytes.limit())
                .putLong(blocks.totalEntries())
                .putInt(log.nextNumber())
                .putInt(log.segments().size())
                .putInt(log.epochs().starts().size())
                .putInt(checkpoint.inFlight().size())
                .putInt(blocks.bits())
                .position(HEADER_BYTES);
        log.epochs().starts().forEach(start -> bytes.putInt(start.epoch()).putLong(start.sequence()));
        for (int i = 0; i < log.segments().size(); i++) {
            put(bytes, log.segments().get(i), checkpoint.segmentStats().get(i));
        }
        checkpoint.inFlight().forEach(effect -> put(bytes, effect));
        for (int block = 0; block < blocks.count(); block++) {
            bytes.putInt(blocks.entries(block)).putInt(blocks.crc(block));
        }
        bytes.flip();
        return bytes.putInt(CRC, checksum(bytes));
    }

    private static void put(ByteBuffer bytes, LogManifest.Entry segment, long[] segmentStats) {
        bytes.putLong(segment.base())
                .putLong(segment.last())
                .putInt(segment.generation())
                .putInt(segment.number())
                .putLong(segment.fileBytes())
                .putLong(segment.end())
                .putInt(segment.headerCrc())
                .putInt(segment.tailCrc());
        for (long column : segmentStats) {
            bytes.putLong(column);
        }
    }

    private static void put(ByteBuffer bytes, Effect effect) {
        bytes.putLong(effect.sequence())
                .putInt(effect.kind().code())
                .putInt(0)
                .putLong(effect.high())
                .putLong(effect.low())
                .putLong(effect.location())
                .putLong(effect.time());
    }

    /// The size of the head that starts with these bytes; negative when it is no checkpoint of this version.
    static int lengthOf(ByteBuffer header) {
        if (header.limit() < HEADER_BYTES
                || !header.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))
                || header.getInt(MAGIC.length) != VERSION) {
            return -1;
        }
        long length = header.getLong(LENGTH);
        return length < HEADER_BYTES || length > MAX_LENGTH ? -1 : (int) length;
    }

    /// The checksum in the head, by which `copy` names the checkpoint.
    static int claimedChecksum(ByteBuffer bytes) {
        return bytes.getInt(CRC);
    }

    /// The checksum of the head without the checksum field.
    static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, CRC));
        crc.update(bytes.slice(HEADER_BYTES, bytes.limit() - HEADER_BYTES));
        return (int) crc.getValue();
    }

    static int partition(ByteBuffer bytes) {
        return bytes.getInt(PARTITION);
    }

    static long fingerprint(ByteBuffer bytes) {
        return bytes.getLong(FINGERPRINT);
    }

    /// Decodes a head whose checksum was verified.
    static Checkpoint decode(ByteBuffer bytes) {
        int segments = bytes.getInt(68);
        int epochs = bytes.getInt(72);
        int inFlight = bytes.getInt(76);
        ByteBuffer at = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(HEADER_BYTES);
        List<EpochHistory.Start> starts = new ArrayList<>();
        for (int i = 0; i < epochs; i++) {
            starts.add(new EpochHistory.Start(at.getInt(), at.getLong()));
        }
        List<LogManifest.Entry> parts = new ArrayList<>();
        List<long[]> segmentStats = new ArrayList<>();
        for (int i = 0; i < segments; i++) {
            parts.add(new LogManifest.Entry(
                    at.getLong(),
                    at.getLong(),
                    at.getInt(),
                    at.getInt(),
                    at.getLong(),
                    at.getLong(),
                    at.getInt(),
                    at.getInt()));
            long[] columns = new long[SegmentStats.COLUMNS];
            for (int column = 0; column < columns.length; column++) {
                columns[column] = at.getLong();
            }
            segmentStats.add(columns);
        }
        List<Effect> effects = new ArrayList<>();
        for (int i = 0; i < inFlight; i++) {
            effects.add(effect(at));
        }
        LogManifest log = new LogManifest(bytes.getLong(24), new EpochHistory(starts), bytes.getInt(64), parts);
        return new Checkpoint(
                fingerprint(bytes), partition(bytes), log, bytes.getLong(32), bytes.getLong(40), segmentStats, effects);
    }

    private static Effect effect(ByteBuffer at) {
        long sequence = at.getLong();
        RecordKind kind = RecordKind.of((byte) at.getInt());
        at.getInt();
        if (kind == null) {
            throw new IllegalStateException("a checkpoint whose checksum fits has a record of no kind");
        }
        return new Effect(sequence, kind, at.getLong(), at.getLong(), at.getLong(), at.getLong());
    }

    /// The blocks described in the head.
    static CheckpointBlocks decodeBlocks(ByteBuffer bytes) {
        CheckpointBlocks blocks = new CheckpointBlocks(bytes.getInt(80));
        int at = bytes.limit() - blocks.count() * BLOCK_BYTES;
        for (int block = 0; block < blocks.count(); block++, at += BLOCK_BYTES) {
            blocks.set(block, bytes.getInt(at), bytes.getInt(at + Integer.BYTES));
        }
        return blocks;
    }
}
