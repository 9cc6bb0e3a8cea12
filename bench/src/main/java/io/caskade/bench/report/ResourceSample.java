package io.caskade.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a node's process takes of its machine, by Linux's `/proc`, and what its data takes of the disk.
///
/// @param resident resident memory in bytes
/// @param deletedMaps maps of files that were deleted: their space is not given back
/// @param disk bytes, as `df` counts where the data has a file system of its own, else as `du` does
public record ResourceSample(long pid, long resident, int descriptors, int maps, int deletedMaps, long disk) {

    private static final Path PROC = Path.of("/proc");

    /// Takes a sample; empty while the process is not running.
    public static Optional<ResourceSample> of(long pid, Path data) throws IOException {
        Path process = PROC.resolve(Long.toString(pid));
        try {
            long resident = Files.readAllLines(process.resolve("status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElse(0);
            List<String> maps = Files.readAllLines(process.resolve("maps"), StandardCharsets.ISO_8859_1);
            int deleted = (int) maps.stream()
                    .filter(line -> line.contains(data.toString()) && line.endsWith("(deleted)"))
                    .count();
            return Optional.of(
                    new ResourceSample(pid, resident, count(process.resolve("fd")), maps.size(), deleted, space(data)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static int count(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return (int) entries.count();
        }
    }

    private static long space(Path data) throws IOException {
        FileStore store = Files.getFileStore(data);
        if (!store.equals(Files.getFileStore(data.toAbsolutePath().getParent()))) {
            return store.getTotalSpace() - store.getUnallocatedSpace();
        }
        try (Stream<Path> files = Files.walk(data)) {
            return files.mapToLong(ResourceSample::size).sum();
        }
    }

    /// Files come and go meanwhile.
    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
