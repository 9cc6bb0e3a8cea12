package io.caskade.bench.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Finds programs as a shell does.
public final class InstalledPrograms {

    private InstalledPrograms() {}

    /// A program on the `PATH`; empty when it is not installed.
    public static Optional<Path> find(String name) {
        return find(name, System.getenv().getOrDefault("PATH", ""));
    }

    /// A program on the `PATH`.
    ///
    /// @throws IllegalStateException when it is not installed
    static Path require(String name) {
        return find(name).orElseThrow(() -> new IllegalStateException(name + " is not installed"));
    }

    /// @param path directories, separated as the system's `PATH`
    static Optional<Path> find(String name, String path) {
        for (String directory : path.split(File.pathSeparator, -1)) {
            Path program = Path.of(directory, name);
            if (!directory.isEmpty() && Files.isRegularFile(program) && Files.isExecutable(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }
}
