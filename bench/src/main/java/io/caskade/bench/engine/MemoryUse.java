package io.caskade.bench.engine;

import io.caskade.bench.time.Pause;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How much memory this process uses: what lives on the heap, and everything else that is resident except
/// cached files. Only for a process whose heap was touched when it started and never changes its size.
final class MemoryUse {

    private static final Path MAPPINGS = Path.of("/proc/self/smaps");
    private static final int COLLECTIONS = 2;
    private static final int PAUSE_MILLIS = 100;
    private static final long KIB = 1024;

    private MemoryUse() {}

    /// Whether this system tells.
    static boolean isKnown() {
        return Files.isReadable(MAPPINGS);
    }

    /// Bytes in use after garbage collection. Mapped files do not count, but for those of the store that hold
    /// no records: an index does not become free by being in a file.
    static long bytes(EngineKind engine, Path directory) throws IOException {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            Pause.of(Duration.ofMillis(PAUSE_MILLIS));
        }
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return heap + resident(Files.readAllLines(MAPPINGS), engine, directory);
    }

    /// The bytes that count, by the lines of `/proc/self/smaps`.
    static long resident(List<String> mappings, EngineKind engine, Path directory) {
        long kib = 0;
        boolean counts = false;
        for (String line : mappings) {
            String[] words = line.split("\\s+", 6);
            if (words[0].matches("[0-9a-f]+-[0-9a-f]+")) {
                counts = counts(words.length < 6 ? "" : words[5], engine, directory);
            } else if (counts && words[0].equals("Rss:")) {
                kib += Long.parseLong(words[1]);
            }
        }
        return kib * KIB;
    }

    private static boolean counts(String name, EngineKind engine, Path directory) {
        if (!name.startsWith("/")) {
            return true;
        }
        Path file = Path.of(name);
        return file.startsWith(directory) && !engine.isDataFile(String.valueOf(file.getFileName()));
    }
}
