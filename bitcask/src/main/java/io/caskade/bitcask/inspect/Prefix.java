package io.caskade.bitcask.inspect;

import io.caskade.bitcask.inspect.RepairReport.Lost;
import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The longest intact prefix of a log.
///
/// A merged segment is right only in a log that reaches the record its header names, so one that is kept must
/// not need what is lost; and it is kept as a whole or not at all.
///
/// @param whole the segments that are kept as they are
/// @param cut one more that is kept up to `cutAt`
/// @param end the last record
/// @param records how many records there are
/// @param why it ends there
/// @param at where in the file `beyond` what is lost begins
/// @param beyond the first file of which something is lost; null when nothing is
record Prefix(
        List<Path> whole,
        @Nullable Path cut,
        long cutAt,
        long end,
        long records,
        String why,
        @Nullable Path beyond,
        long at) {

    /// Reads the whole log.
    ///
    /// @param recoveryPoint the record that the log must reach
    static Prefix of(SalvageScan scan, long recoveryPoint) throws IOException {
        Search search = new Search();
        scan.read(search);
        search.gaps.removeIf(gap -> gap.isReserved(recoveryPoint));
        return search.find(scan.parts(), recoveryPoint);
    }

    /// What is lost of a log that had records up to `last`.
    List<Lost> lost(long last) {
        return beyond == null || end >= last ? List.of() : List.of(new Lost(end + 1, last, beyond, at, why));
    }

    private static final class Search implements SalvageSink {
        final List<Gap> gaps = new ArrayList<>();
        private final List<Path> filesWithGaps = new ArrayList<>();

        /// How many records each file has before its first gap.
        private final Map<Path, Long> counts = new HashMap<>();

        private long last;

        @Override
        public void record(ByteBuffer bytes, int at, Path file, long offset) {
            last = RecordFormat.sequence(bytes, at);
            if (!filesWithGaps.contains(file)) {
                counts.merge(file, 1L, Long::sum);
            }
        }

        @Override
        public void gap(Gap gap) {
            gaps.add(gap);
            filesWithGaps.add(gap.file());
        }

        Prefix find(List<SalvageScan.ScannedSegment> parts, long recoveryPoint) {
            if (gaps.isEmpty()) {
                Path beyond = last < recoveryPoint && !parts.isEmpty()
                        ? parts.getLast().file()
                        : null;
                return dropIncomplete(parts, null, 0, last, "the log ends before record " + recoveryPoint, beyond, 0);
            }
            Gap first = gaps.getFirst();
            int index = 0;
            while (!parts.get(index).file().equals(first.file())) {
                index++;
            }
            List<SalvageScan.ScannedSegment> before = parts.subList(0, index);
            boolean cuts = !parts.get(index).isMerged() && counts.getOrDefault(first.file(), 0L) > 0;
            long end = cuts ? first.first() - 1 : endOf(before);
            return dropIncomplete(
                    before,
                    cuts ? first.file() : null,
                    first.offset(),
                    end,
                    first.found(),
                    first.file(),
                    first.offset());
        }

        /// Drops the merged segments that need more than there is, and what follows them.
        private Prefix dropIncomplete(
                List<SalvageScan.ScannedSegment> parts,
                @Nullable Path cut,
                long cutAt,
                long end,
                String why,
                @Nullable Path beyond,
                long at) {
            for (int i = 0; i < parts.size(); i++) {
                SalvageScan.ScannedSegment part = parts.get(i);
                if (part.completeAt() > end) {
                    List<SalvageScan.ScannedSegment> before = parts.subList(0, i);
                    String reason = "this merged segment is right only in a log that reaches record "
                            + part.completeAt() + ", which is lost: " + why;
                    return dropIncomplete(before, null, 0, endOf(before), reason, part.file(), 0);
                }
            }
            List<Path> whole =
                    parts.stream().map(SalvageScan.ScannedSegment::file).toList();
            long records = whole.stream().mapToLong(this::count).sum() + (cut == null ? 0 : count(cut));
            return new Prefix(whole, cut, cutAt, end, records, why, beyond, at);
        }

        private long count(Path file) {
            return counts.getOrDefault(file, 0L);
        }

        private static long endOf(List<SalvageScan.ScannedSegment> parts) {
            return parts.isEmpty() ? 0 : parts.getLast().last();
        }
    }
}
