package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The segments of a directory, as their names tell.
///
/// @param current those that are the log, oldest first
/// @param superseded those that a merged one among them stands for: a crash has kept them from being deleted
/// @param unfinished what merges and hints that were broken off have left, and hints without their segments: they
///     mean nothing
record SegmentFiles(List<Path> current, List<Path> superseded, List<Path> unfinished) {

    static SegmentFiles list(Disk disk, Path directory) throws IOException {
        List<Path> all = disk.list(directory).stream()
                .filter(file -> SegmentName.of(file).isPresent())
                .sorted(Comparator.comparing(SegmentFiles::name, SegmentName.ORDER))
                .toList();
        List<Path> current = new ArrayList<>();
        List<Path> superseded = new ArrayList<>();
        // Spans are nested or apart, and the greater of two that share their base comes first.
        Optional<SegmentName> newest = Optional.empty();
        for (Path file : all) {
            SegmentName name = name(file);
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

    /// Only names that the engine itself gives: whatever else is in the directory is another's.
    private static boolean isUnfinished(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(LogMerge.NEW_SUFFIX)) {
            return false;
        }
        Path finished = file.resolveSibling(name.substring(0, name.length() - LogMerge.NEW_SUFFIX.length()));
        return SegmentName.of(finished).isPresent() || isHint(finished);
    }

    private static boolean isHint(Path file) {
        return HintFormat.segmentOf(file).flatMap(SegmentName::of).isPresent();
    }

    static SegmentName name(Path file) {
        return SegmentName.of(file).orElseThrow();
    }

    /// Deletes what is unfinished, and what is superseded, once the names of what stands for it are sure to last.
    void deleteRemains(Disk disk, Path directory) throws IOException {
        for (Path file : unfinished) {
            disk.delete(file);
        }
        if (!superseded.isEmpty()) {
            disk.syncDirectory(directory);
            for (Path file : superseded) {
                LogMerge.deleteWithHint(disk, file);
            }
        }
    }
}
