package io.caskade.bitcask.recovery;

import static io.caskade.bitcask.log.LogOnDisk.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.log.LogOnDisk;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.segment.SegmentFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A small log of several segments with each of its bytes damaged in turn.
///
/// What must come of it is worked out from where the batches, MARKs and headers lie: all whole batches before
/// the damage, or, when something that is still whole proves that more had been committed or synced, a
/// refusal.
final class DamagedBytesTest {

    private static final int SEGMENT = 500;

    /// A batch's place: `[from, to)` of a segment, and its last record.
    private record Batch(Path file, int from, int to, long last) {}

    /// Something that proves that all records up to `recoveryPoint` were there: `[from, to)` of a segment.
    private record Proof(Path file, int from, int to, long recoveryPoint) {}

    private final List<Batch> batches = new ArrayList<>();
    private final List<Proof> proofs = new ArrayList<>();
    private List<LogOnDisk.ReadRecord> all = List.of();
    private NavigableMap<Path, byte[]> files = new TreeMap<>();

    private long reserve;

    /// Writes a log whose newest segment ends with zeros, unless it is to reserve none.
    private void writeLog(long reserveBytes) throws IOException {
        reserve = reserveBytes;
        FaultyDisk disk = new FaultyDisk(1);
        LogOnDisk on = LogOnDisk.open(disk, SEGMENT, reserve, 0);
        for (int group = 0; group < 10; group++) {
            int size = 1 + group % 3;
            // What a MARK says lags behind, now little, now much: some damage is above the recovery point and
            // some below.
            long lag = group < 6 && group % 3 == 0 ? 1 : 8;
            long highWatermark = Math.max(0, on.log.end() - lag);
            int number = group;
            on.append(1 + group / 4, records -> {
                records.mark(1_000 + number, highWatermark);
                for (int i = 0; i < size; i++) {
                    records.put(bytes("key" + number + i), bytes("v".repeat(5 * i)), 0);
                }
                records.endBatch();
            });
            if (group == 1) {
                on.sync();
            }
        }
        all = List.copyOf(on.readRecords);
        files = new TreeMap<>(disk.contents());
        assertThat(files).hasSizeGreaterThan(2);
        for (Path file : files.keySet()) {
            locate(file);
        }
        assertThat(batches.getLast().last()).isEqualTo(on.log.end());
        assertThat(batches.getLast().to() < bytesOf(files.lastKey()).length).isEqualTo(reserve > 0);
    }

    private void locate(Path file) throws IOException {
        byte[] bytes = bytesOf(file);
        var view = RecordFormat.view(ByteBuffer.wrap(bytes));
        proofs.add(new Proof(file, 0, SegmentFormat.HEADER_BYTES, SegmentFormat.synced(view)));
        int from = SegmentFormat.HEADER_BYTES;
        for (int at = from; RecordFormat.lengthAt(view, at) > 0; ) {
            int end = at + RecordFormat.trustedLength(view, at);
            if (RecordFormat.kind(view, at) == RecordKind.MARK) {
                proofs.add(new Proof(file, at, end, RecordFormat.markHighWatermark(view, at)));
            }
            if (RecordFormat.endsBatch(view, at)) {
                batches.add(new Batch(file, from, end, RecordFormat.sequence(view, at)));
                from = end;
            }
            at = end;
        }
    }

    private byte[] bytesOf(Path file) {
        byte[] bytes = files.get(file);
        if (bytes == null) {
            throw new IllegalArgumentException(file.toString());
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 300, SEGMENT})
    void everyFlipOfEveryByteIsCutAwayOrRefused(long reserveBytes) throws IOException {
        writeLog(reserveBytes);
        flipEveryByte();
    }

    /// As after a crash before any of the cuts was synced.
    @Test
    void everyFlipOfEveryByteOfSegmentsThatAllEndWithZerosIsCutAwayOrRefused() throws IOException {
        writeLog(SEGMENT);
        files.replaceAll((file, bytes) -> Arrays.copyOf(bytes, bytes.length + 70));
        assertThat(LogOnDisk.open(FaultyDisk.holding(files), SEGMENT, 0).readRecords)
                .isEqualTo(all);
        flipEveryByte();
    }

    private void flipEveryByte() throws IOException {
        int refusals = 0;
        int cuts = 0;
        for (Path file : files.keySet()) {
            for (int at = 0; at < bytesOf(file).length; at++) {
                for (int pattern : new int[] {0x01, 0x02, 0x10, 0x80, 0xff}) {
                    byte[] bytes = bytesOf(file).clone();
                    bytes[at] ^= (byte) pattern;
                    String what = "byte " + at + " of " + file.getFileName() + " xor " + pattern;
                    if (check(what, file, bytes, at, at + 1)) {
                        cuts++;
                    } else {
                        refusals++;
                    }
                }
            }
        }
        assertThat(refusals).as("flips below the floor").isGreaterThan(1_000);
        assertThat(cuts).as("flips above the floor").isGreaterThan(1_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 300, SEGMENT})
    void everyLengthOfEverySegmentIsCutAwayOrRefused(long reserveBytes) throws IOException {
        writeLog(reserveBytes);
        int refusals = 0;
        int cuts = 0;
        for (Path file : files.keySet()) {
            for (int length = 0; length < bytesOf(file).length; length++) {
                byte[] bytes = Arrays.copyOf(bytesOf(file), length);
                String what = file.getFileName() + " cut to " + length + " bytes";
                if (check(what, file, bytes, length, bytesOf(file).length)) {
                    cuts++;
                } else {
                    refusals++;
                }
            }
        }
        assertThat(refusals).as("cuts below the floor").isGreaterThan(100);
        assertThat(cuts).as("cuts above the floor").isGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 300, SEGMENT})
    void everyTailOfZerosIsCutAwayOrRefused(long reserveBytes) throws IOException {
        writeLog(reserveBytes);
        Path newest = files.lastKey();
        for (int from = 0; from < bytesOf(newest).length; from++) {
            byte[] bytes = bytesOf(newest).clone();
            Arrays.fill(bytes, from, bytes.length, (byte) 0);
            int changed = Arrays.mismatch(bytes, bytesOf(newest));
            check("zeros from " + from, newest, bytes, changed < 0 ? bytes.length : changed, bytes.length);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 300, SEGMENT})
    void everySectorOfZerosIsCutAwayOrRefused(long reserveBytes) throws IOException {
        writeLog(reserveBytes);
        for (Path file : files.keySet()) {
            for (int from = 0; from < bytesOf(file).length; from += 8) {
                byte[] bytes = bytesOf(file).clone();
                int to = Math.min(bytes.length, from + 40);
                Arrays.fill(bytes, from, to, (byte) 0);
                int changed = Arrays.mismatch(bytes, bytesOf(file));
                if (changed >= 0) {
                    check("zeros in [" + from + ", " + to + ") of " + file.getFileName(), file, bytes, changed, to);
                }
            }
        }
    }

    /// Opens the log with these bytes of a file, of which those in `[from, to)` are not what they were.
    ///
    /// @return whether it could be opened
    private boolean check(String what, Path file, byte[] bytes, int from, int to) throws IOException {
        FaultyDisk disk = FaultyDisk.holding(files);
        disk.plant(file, bytes);
        Map<Path, byte[]> before = disk.contents();
        long kept = lastBefore(file, from);
        boolean headerHit = from < SegmentFormat.HEADER_BYTES;
        long recoveryPoint = proofs.stream()
                .filter(proof -> !(proof.file().equals(file) && proof.from() < to && proof.to() > from))
                .filter(proof -> proof.recoveryPoint() > kept)
                .mapToLong(Proof::recoveryPoint)
                .max()
                .orElse(0);
        boolean recordsBehindHeader = headerHit
                && bytes.length >= firstBatch(file).to()
                && to <= firstBatch(file).from();
        boolean refused = recoveryPoint > 0 || recordsBehindHeader;
        LogOnDisk read;
        try {
            read = LogOnDisk.open(disk, SEGMENT, reserve, 0);
        } catch (DamagedLogException e) {
            assertThat(refused).as("%s: refused: %s", what, e.getMessage()).isTrue();
            assertThat(e.sequence()).as(what).isEqualTo(kept + 1);
            assertThat(e)
                    .as(what)
                    .hasMessageContaining(e.file().toString())
                    .hasMessageContaining("offset " + e.offset());
            assertSame(what, disk.contents(), before);
            return false;
        }
        assertThat(refused)
                .as("%s: opened, but %d were committed or synced", what, recoveryPoint)
                .isFalse();
        assertThat(read.readRecords.stream().map(LogOnDisk.ReadRecord::text))
                .as(what)
                .isEqualTo(all.stream()
                        .filter(record -> record.sequence() <= kept)
                        .map(LogOnDisk.ReadRecord::text)
                        .toList());
        read.put("next", "v");
        disk.kill();
        assertThat(LogOnDisk.open(disk, SEGMENT, reserve, 0).texts()).as(what).isEqualTo(read.texts());
        return true;
    }

    private Batch firstBatch(Path file) {
        return batches.stream()
                .filter(batch -> batch.file().equals(file))
                .findFirst()
                .orElseThrow();
    }

    /// The last record of the last batch before a place, all of a segment being behind its header.
    private long lastBefore(Path file, int at) {
        long last = 0;
        for (Batch batch : batches) {
            boolean hit = batch.file().equals(file) && (at < SegmentFormat.HEADER_BYTES || batch.to() > at);
            if (hit || batch.file().compareTo(file) > 0) {
                return last;
            }
            last = batch.last();
        }
        return last;
    }

    private static void assertSame(String what, Map<Path, byte[]> now, Map<Path, byte[]> before) {
        assertThat(now.keySet()).as(what).isEqualTo(before.keySet());
        now.forEach((file, bytes) -> assertThat(bytes).as("%s: %s", what, file).isEqualTo(before.get(file)));
    }
}
