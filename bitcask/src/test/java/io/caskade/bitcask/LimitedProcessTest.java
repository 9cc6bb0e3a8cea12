package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOnDisk;
import io.caskade.bitcask.store.StoreOptions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A store in a process that the system grants little: few open files, short files, in a language other than
/// English.
@Timeout(120)
final class LimitedProcessTest {

    private static final Path SHELL = Path.of("/bin/sh");

    /// A locale that any Linux with glibc has, with German texts where those are installed.
    private static final Map<String, String> GERMAN = Map.of("LC_ALL", "C.UTF-8", "LANGUAGE", "de");

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @EnumSource(Durability.class)
    void whileNoFileCanBeOpenedPutsAreRefusedAndThenGoOnByThemselves(Durability durability) throws Exception {
        assertThat(run("ulimit -n 512", Map.of(), OpenFiles.class, durability.name()))
                .contains("refused: too many open files: limit 512", "goes on", "reopened");
    }

    @Test
    void theyAreInAnyLanguage() throws Exception {
        assumeGerman();
        assertThat(run("ulimit -n 512", GERMAN, OpenFiles.class, Durability.SYNC.name()))
                .contains("refused: too many open files: limit 512", "goes on", "reopened");
    }

    @Test
    void aFileThatMayNotGrowIsAFullDiskInAnyLanguage() throws Exception {
        assumeGerman();
        assertThat(run("ulimit -f 4096", GERMAN, ShortFiles.class)).contains("refused as on a full disk", "not fenced");
    }

    @Test
    void aFileThatMayNotGrowIsAFullDisk() throws Exception {
        assertThat(run("ulimit -f 4096", Map.of(), ShortFiles.class))
                .contains("refused as on a full disk", "not fenced");
    }

    /// The heap was too small for the statistics that each part of the keydir kept of all segments.
    @Test
    void sixteenThousandSegmentsAreOpenedInASmallHeap() throws Exception {
        assertThat(run("true", Map.of(), ManySegments.class)).contains("16000 keys in 16000 segments");
    }

    private void assumeGerman() throws Exception {
        assumeThat(run("true", GERMAN, NoDirectory.class)).contains("kein Verzeichnis");
    }

    private String run(String limit, Map<String, String> environment, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        assumeThat(SHELL).isExecutable();
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(
                SHELL.toString(),
                "-c",
                limit + " && exec \"$@\"",
                "sh",
                java.toString(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                directory.resolve("store").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /// Says what the system calls it that a file is no directory.
    static final class NoDirectory {
        public static void main(String[] arguments) throws IOException {
            try (FileChannel file = FileChannel.open(SHELL.resolve("x"), StandardOpenOption.READ)) {
                System.out.println(file);
            } catch (FileSystemException e) {
                System.out.println(e.getReason());
            }
        }
    }

    /// Uses up the files that may be open, puts across the ends of segments, and gives the files back.
    static final class OpenFiles {
        private static final int PUTS = 200;

        public static void main(String[] arguments) throws Exception {
            loadAllClasses();
            Path directory = Path.of(arguments[0]);
            Options options = options().withDurability(Durability.valueOf(arguments[1]));
            int acknowledged = 0;
            try (Bitcask store = Bitcask.open(directory, options)) {
                acknowledged = put(store, acknowledged, 20);
                for (int spare = 0; spare < 4; spare++) {
                    acknowledged = putWithFewFiles(store, directory, acknowledged, spare);
                }
            }
            try (Bitcask store = Bitcask.open(directory, options)) {
                for (int i = 0; i < acknowledged; i++) {
                    requireValue(store, i);
                }
                System.out.println("reopened");
            }
        }

        private static int putWithFewFiles(Bitcask store, Path directory, int from, int spare) throws IOException {
            int written = from;
            List<FileChannel> taken = takeAll(directory.resolveSibling("taken"));
            try {
                for (int i = 0; i < spare; i++) {
                    taken.removeLast().close();
                }
                written = put(store, written, PUTS);
                requireSpare(spare);
            } catch (IOException e) {
                written = countPut(store, written);
                requireCause(e);
            } finally {
                for (FileChannel each : taken) {
                    each.close();
                }
            }
            int more = put(store, written, 50);
            requireValue(store, more - 1);
            System.out.println("goes on");
            return more;
        }

        /// With no file left some put must be refused.
        private static void requireSpare(int spare) {
            if (spare == 0) {
                throw new AssertionError("a segment was begun without a file");
            }
        }

        private static int countPut(Bitcask store, int from) throws IOException {
            int written = from;
            while (store.get(key(written)) != null) {
                written++;
            }
            return written;
        }

        private static void requireCause(IOException failure) {
            if (!(failure.getCause() instanceof TooManyOpenFilesException cause)) {
                throw new AssertionError("refused for another reason", failure);
            }
            System.out.println("refused: too many open files" + cause.limitText());
        }

        private static List<FileChannel> takeAll(Path file) throws IOException {
            List<FileChannel> taken = new ArrayList<>();
            Files.write(file, new byte[1]);
            while (true) {
                try {
                    taken.add(FileChannel.open(file, StandardOpenOption.READ));
                } catch (IOException e) {
                    return taken;
                }
            }
        }
    }

    /// Writes a file longer than it may be.
    static final class ShortFiles {
        public static void main(String[] arguments) throws IOException {
            try (Bitcask store = Bitcask.open(Path.of(arguments[0]), options().withSegmentBytes(64 << 20))) {
                int written = 0;
                try {
                    while (true) {
                        written = put(store, written, 1);
                    }
                } catch (IOException e) {
                    if (!(e.getCause() instanceof DiskFullException)) {
                        throw e;
                    }
                    System.out.println("refused as on a full disk");
                }
                store.sync();
                requireValue(store, written - 1);
                store.delete(key(0));
                System.out.println("not fenced");
            }
        }
    }

    /// Opens a store of many segments after a crash, by their hints.
    static final class ManySegments {
        private static final int SEGMENTS = 16_000;

        public static void main(String[] arguments) throws IOException {
            FaultyDisk disk = new FaultyDisk(1);
            StoreOptions options = StoreOnDisk.options(Durability.SYNC, "boot-1", 60);
            Store store = Store.open(disk, StoreOnDisk.DIRECTORY, options);
            BatchEncoder encoder = new BatchEncoder();
            for (int i = 0; i < SEGMENTS; i++) {
                encoder.start(1, store.end() + 1);
                encoder.put(key(i), new byte[1], 0);
                encoder.endBatch();
                store.append(encoder.group());
                StoreOnDisk.sync(store);
                store.commit(store.end());
            }
            StoreOnDisk.writeHints(store);
            disk.kill();
            Store again = Store.open(disk, StoreOnDisk.DIRECTORY, options);
            again.commit(again.end());
            System.out.println(again.size() + " keys in "
                    + (again.maintenance().mergeableSegments().size() + 1) + " segments");
        }
    }

    /// Those that are not in a JAR are each in a file that must be opened; a JAR is opened when it is first
    /// looked into, as all are for what is missing.
    private static void loadAllClasses() throws IOException, URISyntaxException, ReflectiveOperationException {
        if (ClassLoader.getSystemResource("missing") != null) {
            throw new AssertionError("a resource that should be missing");
        }
        Path classes = Path.of(Bitcask.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        if (!Files.isDirectory(classes)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> files = Files.walk(classes.resolve("io/caskade/bitcask"))) {
            all = files.filter(file -> file.toString().endsWith(".class")).toList();
        }
        for (Path file : all) {
            String name = classes.relativize(file).toString().replace('/', '.');
            if (!name.endsWith("-info.class")) {
                Class.forName(name.substring(0, name.length() - ".class".length()));
            }
        }
    }

    private static Options options() {
        return Options.defaults()
                .withSegmentBytes(100_000)
                .withDiskReserve(0)
                .withScrub(Duration.ofDays(1), 0)
                .withMerges(new MergeOptions(false, 0.25, 0));
    }

    private static byte[] key(int i) {
        return ("key" + i).getBytes(StandardCharsets.UTF_8);
    }

    private static int put(Bitcask store, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            store.put(key(i), new byte[10_000]);
        }
        return from + count;
    }

    private static void requireValue(Bitcask store, int i) throws IOException {
        Entry entry = store.get(key(i));
        if (entry == null || entry.value().length != 10_000) {
            throw new AssertionError("key " + i + " is lost");
        }
    }
}
