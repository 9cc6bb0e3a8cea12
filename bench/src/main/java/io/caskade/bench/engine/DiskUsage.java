package io.caskade.bench.engine;

import io.caskade.bench.time.Pause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/// Directories of stores: how much they take up, and how they are removed.
final class DiskUsage {

    private static final int QUIET_POLLS = 3;
    private static final int MAX_POLLS = 120;

    private DiskUsage() {}

    /// The bytes that are allocated on the disk, holes not counted and preallocated space counted.
    static long allocated(Path directory) throws IOException {
        Process du = new ProcessBuilder("du", "-s", "-B1", directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String answer = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int tab = answer.indexOf('\t');
        if (tab < 0) {
            throw new IOException("du said \"" + answer + "\"");
        }
        return Long.parseLong(answer.substring(0, tab));
    }

    /// The bytes that are allocated once that has not changed for a while.
    static long settled(Path directory, Duration poll) throws IOException {
        long bytes = allocated(directory);
        int quiet = 0;
        for (int i = 0; i < MAX_POLLS && quiet < QUIET_POLLS; i++) {
            Pause.of(poll);
            long now = allocated(directory);
            quiet = now == bytes ? quiet + 1 : 0;
            bytes = now;
        }
        return bytes;
    }

    /// Removes a directory with all that is in it, if there is one.
    static void remove(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /// Drops what the system has cached of a directory's files; they must be synced.
    ///
    /// @return whether the system did
    static boolean dropCache(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                Process dd = new ProcessBuilder("dd", "if=" + path, "iflag=nocache", "count=0")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (exitCode(dd) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private static int exitCode(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
