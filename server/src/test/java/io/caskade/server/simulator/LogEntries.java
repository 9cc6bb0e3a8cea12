package io.caskade.server.simulator;

import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.server.replica.Batches;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Whole batches on their way.
record LogEntries(List<LogEntry> entries) implements Batches {

    private static final int ABOUT_BYTES = 50;

    @Override
    public long bytes() {
        return (long) entries.size() * ABOUT_BYTES;
    }

    /// What is in batches as a log has them.
    static LogEntries of(ByteBuffer batches) {
        ByteBuffer bytes = batches.slice().order(ByteOrder.LITTLE_ENDIAN);
        List<LogEntry> entries = new ArrayList<>();
        int at = 0;
        while (at < bytes.limit()) {
            entries.add(entry(bytes, at));
            at += RecordFormat.trustedLength(bytes, at);
        }
        return new LogEntries(entries);
    }

    private static LogEntry entry(ByteBuffer bytes, int at) {
        RecordKind kind = RecordFormat.kind(bytes, at);
        long sequence = RecordFormat.sequence(bytes, at);
        int epoch = RecordFormat.epoch(bytes, at);
        boolean last = RecordFormat.endsBatch(bytes, at);
        return switch (kind) {
            case MARK ->
                LogEntry.mark(
                        sequence, epoch, RecordFormat.markTime(bytes, at), RecordFormat.markHighWatermark(bytes, at));
            case PUT ->
                new LogEntry(
                        sequence,
                        epoch,
                        text(RecordFormat.key(bytes, at)),
                        text(RecordFormat.value(bytes, at)),
                        RecordFormat.expiresAt(bytes, at),
                        0,
                        0,
                        last);
            case TOMBSTONE -> new LogEntry(sequence, epoch, text(RecordFormat.key(bytes, at)), null, 0, 0, 0, last);
            case CLEAR -> throw new IllegalStateException("no scenario clears a partition");
        };
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
