package io.caskade.bitcask;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What this process has open and mapped of a directory, as Linux tells it.
final class ProcessFiles {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path MAPS = Path.of("/proc/self/maps");

    private ProcessFiles() {}

    static void assumeKnown() {
        assumeThat(MAPS).isReadable();
        assumeThat(DESCRIPTORS).isDirectory();
    }

    /// The lines of the memory maps that name a file of the directory; deleted ones say so at the end.
    static List<String> maps(Path directory) throws IOException {
        String name = directory.toRealPath().toString();
        return Files.readAllLines(MAPS).stream()
                .filter(line -> line.contains(name + "/"))
                .toList();
    }

    /// The open files of the directory, one for each descriptor.
    static List<String> descriptors(Path directory) throws IOException {
        String name = directory.toRealPath().toString();
        List<String> open = new ArrayList<>();
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            for (Path each : all.toList()) {
                String target = target(each);
                if (target.startsWith(name + "/")) {
                    open.add(target);
                }
            }
        }
        return open;
    }

    /// Other threads open and close files meanwhile.
    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
