package io.caskade.bench.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a process holds and may hold, by Linux's `/proc`.
public final class ProcessLimits {

    private static final String OPEN_FILES = "Max open files";
    private static final String RESIDENT = "VmRSS:";
    private static final int BYTES_PER_KIB = 1024;

    private ProcessLimits() {}

    /// How many files and connections a running process may have open.
    public static long openFiles(long pid) throws IOException {
        return parseOpenFiles(lines(pid, "limits"));
    }

    /// How many bytes of memory a running process has.
    public static long residentBytes(long pid) throws IOException {
        return parseResident(lines(pid, "status"));
    }

    private static List<String> lines(long pid, String file) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), file), StandardCharsets.ISO_8859_1);
    }

    /// The soft limit, which stands before the hard one.
    static long parseOpenFiles(List<String> limits) {
        String soft = find(limits, OPEN_FILES).split("\\s+", 2)[0];
        return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
    }

    static long parseResident(List<String> status) {
        return Long.parseLong(find(status, RESIDENT).split("\\s+", 2)[0]) * BYTES_PER_KIB;
    }

    private static String find(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no line " + name));
    }
}
