package io.caskade.bitcask.inspect;

import io.caskade.bitcask.inspect.RepairReport.Lost;
import io.caskade.bitcask.log.Hole;
import io.caskade.bitcask.log.LogSurvey;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.log.SurveySink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The longest part of a log that is whole from its first record on.
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
    /// @param floor the record that the log must reach
    static Prefix of(LogSurvey survey, long floor) throws IOException {
        Search search = new Search();
        survey.read(search);
        search.holes.removeIf(hole -> hole.isReserved(floor));
        return search.find(survey.parts(), floor);
    }

    /// What is lost of a log that had records up to `last`.
    List<Lost> lost(long last) {
        return beyond == null || end >= last ? List.of() : List.of(new Lost(end + 1, last, beyond, at, why));
    }

    private static final class Search implements SurveySink {
        final List<Hole> holes = new ArrayList<>();
        private final List<Path> holed = new ArrayList<>();

        /// How many records each file has before its first hole.
        private final Map<Path, Long> counts = new HashMap<>();

        private long last;

        @Override
        public void record(ByteBuffer bytes, int at, Path file, long offset) {
            last = RecordFormat.sequence(bytes, at);
            if (!holed.contains(file)) {
                counts.merge(file, 1L, Long::sum);
            }
        }

        @Override
        public void hole(Hole hole) {
            holes.add(hole);
            holed.add(hole.file());
        }

        Prefix find(List<LogSurvey.Part> parts, long floor) {
            if (holes.isEmpty()) {
                Path beyond = last < floor && !parts.isEmpty() ? parts.getLast().file() : null;
                return withoutNeed(parts, null, 0, last, "the log ends before record " + floor, beyond, 0);
            }
            Hole first = holes.getFirst();
            int index = 0;
            while (!parts.get(index).file().equals(first.file())) {
                index++;
            }
            List<LogSurvey.Part> before = parts.subList(0, index);
            boolean cuts = !parts.get(index).isMerged() && counts.getOrDefault(first.file(), 0L) > 0;
            long end = cuts ? first.first() - 1 : endOf(before);
            return withoutNeed(
                    before,
                    cuts ? first.file() : null,
                    first.offset(),
                    end,
                    first.found(),
                    first.file(),
                    first.offset());
        }

        /// Drops the merged segments that need more than there is, and what follows them.
        private Prefix withoutNeed(
                List<LogSurvey.Part> parts,
                @Nullable Path cut,
                long cutAt,
                long end,
                String why,
                @Nullable Path beyond,
                long at) {
            for (int i = 0; i < parts.size(); i++) {
                LogSurvey.Part part = parts.get(i);
                if (part.needed() > end) {
                    List<LogSurvey.Part> before = parts.subList(0, i);
                    String reason = "this merged segment is right only in a log that reaches record " + part.needed()
                            + ", which is lost: " + why;
                    return withoutNeed(before, null, 0, endOf(before), reason, part.file(), 0);
                }
            }
            List<Path> whole = parts.stream().map(LogSurvey.Part::file).toList();
            long records = whole.stream().mapToLong(this::count).sum() + (cut == null ? 0 : count(cut));
            return new Prefix(whole, cut, cutAt, end, records, why, beyond, at);
        }

        private long count(Path file) {
            return counts.getOrDefault(file, 0L);
        }

        private static long endOf(List<LogSurvey.Part> parts) {
            return parts.isEmpty() ? 0 : parts.getLast().last();
        }
    }
}
