package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Names the process that has locked a directory, in the directory's file `lock`.
///
/// The file may be copied or linked with its directory, and a process that is gone leaves its name. So the name
/// counts only for the directory it was written for, and only while that very process lives.
///
/// @param pid its number, in its namespace
/// @param start when it was started, on Linux in ticks since the boot: numbers are used again
/// @param host the machine's name, for messages
/// @param boot the boot of the machine; empty where unknown
/// @param namespace the namespace of its number; empty where there are none
/// @param directory the identity of the directory
record LockOwner(long pid, long start, String host, String boot, String namespace, String directory) {

    private static final Path PROCESSES = Path.of("/proc");
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path HOST = Path.of("/proc/sys/kernel/hostname");
    private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");

    /// Where the state and the start are in `/proc/PID/stat` behind the name, which may hold blanks.
    private static final int STATE = 0;

    private static final int START = 19;

    /// This process, as the owner of a directory.
    static LockOwner self(String directory) {
        long pid = ProcessHandle.current().pid();
        return new LockOwner(pid, startOf(pid).orElse(0L), readLine(HOST), readLine(BOOT), ownNamespace(), directory);
    }

    /// As text, a few lines.
    String format() {
        return String.join(
                System.lineSeparator(),
                "pid " + pid,
                "start " + start,
                "host " + host,
                "boot " + boot,
                "namespace " + namespace,
                "directory " + directory,
                "");
    }

    /// The owner that a text names; empty when it names none, or was cut short.
    static Optional<LockOwner> parse(String text) {
        Map<String, String> lines = new HashMap<>();
        text.lines().forEach(line -> {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                lines.put(line.substring(0, blank), line.substring(blank + 1));
            }
        });
        try {
            return lines.containsKey("directory")
                    ? Optional.of(new LockOwner(
                            Long.parseLong(lines.getOrDefault("pid", "")),
                            Long.parseLong(lines.getOrDefault("start", "")),
                            lines.getOrDefault("host", ""),
                            lines.getOrDefault("boot", ""),
                            lines.getOrDefault("namespace", ""),
                            lines.getOrDefault("directory", "")))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /// Whether it holds a directory for all that this process can know: it lives, is not this process, and the
    /// name was written for that directory. Of another machine or namespace nothing is known.
    boolean certainlyHolds(LockOwner asSelf) {
        return directory.equals(asSelf.directory)
                && host.equals(asSelf.host)
                && boot.equals(asSelf.boot)
                && namespace.equals(asSelf.namespace)
                && pid != asSelf.pid
                && startOf(pid).equals(Optional.of(start));
    }

    /// For messages.
    String describe() {
        return "process " + pid + (host.isEmpty() ? "" : " on " + host);
    }

    /// When a process was started; empty when there is none, or it has ended and was not waited for.
    private static Optional<Long> startOf(long pid) {
        Path stat = PROCESSES.resolve(Long.toString(pid)).resolve("stat");
        if (!Files.exists(PROCESSES.resolve("self").resolve("stat"))) {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .map(process ->
                            process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli());
        }
        String line = readLine(stat);
        String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ", -1);
        if (fields.length <= START || fields[STATE].equals("Z") || fields[STATE].equals("X")) {
            return Optional.empty();
        }
        return Optional.of(Long.parseLong(fields[START]));
    }

    private static String ownNamespace() {
        try {
            return Files.readSymbolicLink(NAMESPACE).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /// The first line of a small file; empty when it cannot be read.
    private static String readLine(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
