package io.caskade.bitcask.inspect;

import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A record of a log as it was written, with its place. The arrays are the reader's to keep.
///
/// @param kind what it says
/// @param key empty for a MARK or CLEAR
/// @param value empty but for a PUT
/// @param expiresAt Unix milliseconds, 0 for never
/// @param time of a MARK, Unix milliseconds; 0 for others
/// @param highWatermark of a MARK; 0 for others
/// @param endsBatch whether it is the last of its batch
public record DumpedRecord(
        long sequence,
        int epoch,
        RecordKind kind,
        byte[] key,
        byte[] value,
        long expiresAt,
        long time,
        long highWatermark,
        boolean endsBatch,
        Path file,
        long offset) {

    static DumpedRecord of(ByteBuffer bytes, int at, Path file, long offset) {
        RecordKind kind = RecordFormat.kind(bytes, at);
        boolean mark = kind == RecordKind.MARK;
        return new DumpedRecord(
                RecordFormat.sequence(bytes, at),
                RecordFormat.epoch(bytes, at),
                kind,
                RecordFormat.key(bytes, at),
                mark ? new byte[0] : RecordFormat.value(bytes, at),
                RecordFormat.expiresAt(bytes, at),
                mark ? RecordFormat.markTime(bytes, at) : 0,
                mark ? RecordFormat.markHighWatermark(bytes, at) : 0,
                RecordFormat.endsBatch(bytes, at),
                file,
                offset);
    }
}
