package io.caskade.bitcask.hint;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.segment.MergedHeader;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Compares hints with their segments, entry by entry.
public final class HintCheck {

    private final Disk disk;
    private final int partition;
    private final @Nullable KeyHasher hasher;

    /// Checks the hints of one log.
    ///
    /// @param hasher the hints' hasher; null when unknown: then hashes are not compared
    public HintCheck(Disk disk, int partition, @Nullable KeyHasher hasher) {
        this.disk = disk;
        this.partition = partition;
        this.hasher = hasher;
    }

    /// The outcome of a check.
    public enum Verdict {
        /// There is no hint.
        MISSING,
        /// It matches its segment.
        RIGHT,
        /// Opening ignores it: it was written with another secret or for another state of the segment.
        UNUSED,
        /// Its bytes are not what was written.
        DAMAGED,
        /// It is intact and claims to be this segment's, but does not match it.
        WRONG
    }

    /// A verdict, the offset in the hint, and the reason.
    public record Result(Verdict verdict, long offset, String found) {}

    /// Where the hint of a segment belongs.
    public static Path hintOf(Path segment) {
        return HintFormat.pathFor(segment);
    }

    /// Checks the hint of an intact segment. Reads both.
    public Result check(Path segment) throws IOException {
        Path path = HintFormat.pathFor(segment);
        if (!disk.exists(path)) {
            return new Result(Verdict.MISSING, 0, "");
        }
        ByteBuffer hint;
        try (DiskFile file = disk.openForReading(path)) {
            ByteBuffer header = LittleEndian.allocate(HintFormat.HEADER_BYTES);
            file.read(header, 0);
            if (HintFormat.lengthOf(header.flip()) != file.size() || file.size() > Integer.MAX_VALUE - Long.BYTES) {
                return new Result(Verdict.DAMAGED, 0, "the hint's header or length is damaged");
            }
            hint = LittleEndian.allocate((int) file.size());
            file.read(hint, 0);
            hint.flip();
        }
        if (hint.getInt(HintFormat.CRC) != HintFormat.checksum(hint)) {
            return new Result(Verdict.DAMAGED, 0, "the hint's checksum does not match its bytes");
        }
        if (hint.getInt(HintFormat.PARTITION) != partition) {
            return new Result(Verdict.UNUSED, HintFormat.PARTITION, "the hint is of another partition");
        }
        if (hasher != null && hint.getLong(HintFormat.FINGERPRINT) != hasher.fingerprint()) {
            return new Result(Verdict.UNUSED, HintFormat.FINGERPRINT, "the hint was made with another secret");
        }
        return compare(hint, segment);
    }

    private Result compare(ByteBuffer hint, Path path) throws IOException {
        SegmentName name = SegmentName.require(path);
        try (DiskFile file = disk.openForReading(path)) {
            Segment segment = segment(file, name);
            if (segment == null || file.size() != hint.getLong(HintFormat.SEGMENT_BYTES)) {
                return new Result(
                        Verdict.UNUSED, HintFormat.SEGMENT_BYTES, "the hint is of another length of its segment");
            }
            KeyHasher any = hasher == null ? new KeyHasher(new byte[KeyHasher.SECRET_BYTES]) : hasher;
            long last = hint.getLong(HintFormat.LAST);
            ByteBuffer expected;
            try {
                expected = new HintWriter(disk, segment, last, partition, any).expected();
            } catch (DamagedLogException e) {
                return new Result(Verdict.UNUSED, HintFormat.LAST, "the hint is of another state of its segment");
            }
            if (hasher == null) {
                clearSecretFields(expected);
                clearSecretFields(hint);
            }
            // Both are intact; report the first entry that differs.
            expected.putInt(HintFormat.CRC, 0);
            hint.putInt(HintFormat.CRC, 0);
            int differs = expected.mismatch(hint);
            return differs < 0
                    ? new Result(Verdict.RIGHT, 0, "")
                    : new Result(Verdict.WRONG, differs, "the hint does not say what its segment says");
        }
    }

    private @Nullable Segment segment(DiskFile file, SegmentName name) throws IOException {
        if (!name.isMerged()) {
            return new Segment(0, name.base(), file, file.size());
        }
        Optional<MergedHeader> header = MergedHeader.read(file, name, partition);
        return header.isEmpty() ? null : Segment.merged(0, file, header.get());
    }

    /// Clears the fields that depend on the secret.
    private static void clearSecretFields(ByteBuffer hint) {
        hint.putLong(HintFormat.FINGERPRINT, 0);
        int entries = HintFormat.HEADER_BYTES + HintFormat.EPOCH_BYTES * hint.getInt(HintFormat.EPOCHS);
        for (int at = entries; at + HintFormat.ENTRY_BYTES <= hint.limit(); at += HintFormat.ENTRY_BYTES) {
            hint.putLong(at, 0).putLong(at + HintFormat.ENTRY_LOW, 0);
        }
    }
}
