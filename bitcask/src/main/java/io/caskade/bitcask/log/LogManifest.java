package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.hint.HintFormat;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.recovery.SegmentFiles;
import io.caskade.bitcask.segment.MergedHeader;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentFormat;
import io.caskade.bitcask.segment.SegmentName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Describes a log that was closed with everything synced: enough to open it without reading its records, and
/// to detect changes. Immutable.
///
/// @param end the last record's sequence, 0 when there is none
/// @param epochs which epochs wrote which records
/// @param nextNumber the next unused segment number
/// @param segments oldest first
public record LogManifest(long end, EpochHistory epochs, int nextNumber, List<Entry> segments) {

    /// How many of a segment's last bytes are verified.
    private static final int TAIL_BYTES = 4 << 10;

    /// One segment. The first three are parts of its name.
    ///
    /// @param base the first sequence
    /// @param last the last sequence that a merged segment covers; 0 for others
    /// @param generation how often it was merged
    /// @param number its number in locations
    /// @param fileBytes the length of its file
    /// @param end where in the file its records end
    /// @param headerCrc the checksum its header claims
    /// @param tailCrc of the last 4096 bytes of its records, or of all there are
    public record Entry(
            long base, long last, int generation, int number, long fileBytes, long end, int headerCrc, int tailCrc) {

        static Entry of(Segment segment) throws IOException {
            return new Entry(
                    segment.baseSequence(),
                    segment.mergedLast(),
                    segment.generation(),
                    segment.number(),
                    segment.file().size(),
                    segment.end(),
                    segment.headerCrc(),
                    tailCrc(segment));
        }

        SegmentName name() {
            return new SegmentName(base, last, generation);
        }

        /// The segment in a file of that name, if it is unchanged. The caller must release it.
        private Optional<Segment> open(Disk disk, Path path, int partition) throws IOException {
            DiskFile file = disk.open(path);
            boolean same = false;
            try {
                Optional<Segment> segment = file.size() == fileBytes ? segment(file, partition) : Optional.empty();
                segment.ifPresent(found -> found.setEnd(end));
                same = segment.isPresent() && of(segment.get()).equals(this);
                file.rest();
                return same ? segment : Optional.empty();
            } finally {
                if (!same) {
                    file.close();
                }
            }
        }

        private Optional<Segment> segment(DiskFile file, int partition) throws IOException {
            if (name().isMerged()) {
                return MergedHeader.read(file, name(), partition).map(header -> Segment.merged(number, file, header));
            }
            ByteBuffer header = ByteBuffer.allocate(SegmentFormat.HEADER_BYTES);
            file.read(header, 0);
            return SegmentFormat.check(header.flip(), partition, base) == SegmentFormat.HeaderFinding.INTACT
                    ? Optional.of(new Segment(number, base, file, end))
                    : Optional.empty();
        }

        private static int tailCrc(Segment segment) throws IOException {
            int length = (int) Math.min(TAIL_BYTES, segment.end());
            ByteBuffer tail = ByteBuffer.allocate(length);
            segment.file().read(tail, segment.end() - length);
            CRC32C crc = new CRC32C();
            crc.update(tail.flip());
            return (int) crc.getValue();
        }
    }

    /// Makes the list immutable.
    public LogManifest {
        segments = List.copyOf(segments);
    }

    /// Describes a log whose segments are all synced.
    static LogManifest of(LogSegments segments, EpochHistory epochs, long end) throws IOException {
        List<Entry> parts = new ArrayList<>();
        for (Segment segment : segments.oldestFirst()) {
            parts.add(Entry.of(segment));
        }
        return new LogManifest(end, epochs, segments.nextNumber(), parts);
    }

    /// The segments of a directory, if exactly these exist and are unchanged. The caller must release them.
    Optional<List<Segment>> open(Disk disk, Path directory, int partition) throws IOException {
        List<Path> files = SegmentFiles.list(disk, directory).current();
        List<SegmentName> there = files.stream().map(SegmentName::require).toList();
        if (!there.equals(segments.stream().map(Entry::name).toList())) {
            return Optional.empty();
        }
        List<Segment> opened = new ArrayList<>();
        boolean same = false;
        try {
            for (int i = 0; i < files.size(); i++) {
                segments.get(i).open(disk, files.get(i), partition).ifPresent(opened::add);
            }
            if (opened.size() == segments.size()) {
                for (Segment segment : opened) {
                    markHinted(disk, segment);
                }
                same = true;
            }
            return same ? Optional.of(opened) : Optional.empty();
        } finally {
            if (!same) {
                for (Segment segment : opened) {
                    segment.release();
                }
            }
        }
    }

    private static void markHinted(Disk disk, Segment segment) throws IOException {
        Path hint = HintFormat.pathFor(segment.file().path());
        if (disk.exists(hint)) {
            try (DiskFile file = disk.open(hint)) {
                segment.markHinted(file.size());
            }
        }
    }
}
