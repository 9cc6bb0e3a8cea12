package io.caskade.bench.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// What the figures depend on, without anything that names the machine.
public final class MachineFacts {

    private static final int SMALL_WRITE = 148;
    private static final int LARGE_WRITE = 1 << 20;
    private static final int SYNCS = 2000;
    private static final int LARGE_WRITES = 256;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int MIB = 1 << 20;

    private MachineFacts() {}

    /// A line for each fact; the disk's are measured, in a file that is removed.
    public static List<String> collect(Path directory) throws IOException {
        List<String> facts = new ArrayList<>();
        facts.add(Runtime.getRuntime().availableProcessors() + " × " + valueOf("/proc/cpuinfo", "model name"));
        facts.add(valueOf("/proc/meminfo", "MemTotal") + " of memory, a heap of "
                + Runtime.getRuntime().maxMemory() / MIB + " MiB");
        facts.add(System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                + Files.getFileStore(directory).type());
        facts.add(
                "Java " + System.getProperty("java.runtime.version") + " (" + System.getProperty("java.vendor") + ")");
        facts.add(disk(directory.resolve("disk-speed")));
        return facts;
    }

    private static String valueOf(String file, String name) throws IOException {
        Path path = Path.of(file);
        if (!Files.isReadable(path)) {
            return "unknown";
        }
        return Files.readAllLines(path, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("unknown");
    }

    private static String disk(Path file) throws IOException {
        byte[] bytes = new byte[LARGE_WRITE];
        new SplittableRandom(1).nextBytes(bytes);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            long before = System.nanoTime();
            for (int i = 0; i < SYNCS; i++) {
                channel.write(ByteBuffer.wrap(bytes, 0, SMALL_WRITE));
                channel.force(false);
            }
            double syncs = SYNCS * NANOS_PER_SECOND / (System.nanoTime() - before);
            before = System.nanoTime();
            for (int i = 0; i < LARGE_WRITES; i++) {
                channel.write(ByteBuffer.wrap(bytes));
            }
            double mebibytes = LARGE_WRITES * NANOS_PER_SECOND / (System.nanoTime() - before);
            return String.format(
                    Locale.ROOT,
                    "one file of the disk takes %,.0f appends of %d B with fdatasync a second; the system's cache takes "
                            + "%,.0f MiB/s",
                    syncs,
                    SMALL_WRITE,
                    mebibytes);
        }
    }
}
