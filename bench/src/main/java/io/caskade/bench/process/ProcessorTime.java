package io.caskade.bench.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/// Processor time that processes have used, in user mode and in the kernel, by Linux's `/proc`.
public final class ProcessorTime {

    /// Linux shows times to programs in this unit, whatever the kernel counts in.
    private static final Duration TICK = Duration.ofMillis(10);

    /// Behind the command's name, which is in parentheses and may hold spaces, are the fields from the third
    /// on.
    private static final int USER = 14 - 3;

    private static final int SYSTEM = 15 - 3;

    private ProcessorTime() {}

    /// What some processes, which are running, have used together so far.
    public static Duration of(Collection<Long> pids) throws IOException {
        Duration all = Duration.ZERO;
        for (long pid : pids) {
            Path stat = Path.of("/proc", Long.toString(pid), "stat");
            all = all.plus(parse(Files.readString(stat, StandardCharsets.ISO_8859_1)));
        }
        return all;
    }

    /// The time in the line of a `/proc/PID/stat`.
    static Duration parse(String stat) {
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return TICK.multipliedBy(Long.parseLong(fields.get(USER)) + Long.parseLong(fields.get(SYSTEM)));
    }
}
