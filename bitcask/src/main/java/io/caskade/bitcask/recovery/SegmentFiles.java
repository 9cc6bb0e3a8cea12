package io.caskade.bitcask.recovery;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.hint.HintFormat;
import io.caskade.bitcask.segment.SegmentFormat;
import io.caskade.bitcask.segment.SegmentName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The log files of a directory, classified by name.
///
/// @param current the log's segments, oldest first
/// @param superseded segments replaced by a merged one, left by a crash
/// @param unfinished leftovers of interrupted merges and hints, and hints without their segments: meaningless
public record SegmentFiles(List<Path> current, List<Path> superseded, List<Path> unfinished) {

    /// Lists the log files of a directory.
    public static SegmentFiles list(Disk disk, Path directory) throws IOException {
        List<Path> all = disk.list(directory).stream()
                .filter(file -> SegmentName.of(file).isPresent())
                .sorted(Comparator.comparing(SegmentName::require, SegmentName.ORDER))
                .toList();
        List<Path> current = new ArrayList<>();
        List<Path> superseded = new ArrayList<>();
        // Spans are nested or apart, and the greater of two that share their base comes first.
        Optional<SegmentName> newest = Optional.empty();
        for (Path file : all) {
            SegmentName name = SegmentName.require(file);
            if (newest.isPresent() && newest.get().supersedes(name)) {
                superseded.add(file);
            } else {
                current.add(file);
                newest = Optional.of(name);
            }
        }
        Set<Path> hints = all.stream().map(HintFormat::pathFor).collect(Collectors.toSet());
        List<Path> unfinished = disk.list(directory).stream()
                .filter(file -> isUnfinished(file) || (isHint(file) && !hints.contains(file)))
                .toList();
        return new SegmentFiles(current, superseded, unfinished);
    }

    /// Matches only names that the engine uses: other files are not ours.
    private static boolean isUnfinished(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(SegmentFormat.NEW_SUFFIX)) {
            return false;
        }
        Path finished = file.resolveSibling(name.substring(0, name.length() - SegmentFormat.NEW_SUFFIX.length()));
        return SegmentName.of(finished).isPresent() || isHint(finished);
    }

    private static boolean isHint(Path file) {
        return HintFormat.segmentOf(file).flatMap(SegmentName::of).isPresent();
    }

    /// Deletes unfinished files and, once the names of their replacements are durable, superseded ones.
    public void deleteRemains(Disk disk, Path directory) throws IOException {
        for (Path file : unfinished) {
            // A segment that recovery gave a file of its own has used up what an earlier attempt had left.
            if (disk.exists(file)) {
                disk.delete(file);
            }
        }
        if (!superseded.isEmpty()) {
            disk.syncDirectory(directory);
            for (Path file : superseded) {
                deleteWithHint(disk, file);
            }
        }
    }

    /// Deletes a segment and its hint, if it has one.
    public static void deleteWithHint(Disk disk, Path segment) throws IOException {
        Path hint = HintFormat.pathFor(segment);
        if (disk.exists(hint)) {
            disk.delete(hint);
        }
        disk.delete(segment);
    }
}
