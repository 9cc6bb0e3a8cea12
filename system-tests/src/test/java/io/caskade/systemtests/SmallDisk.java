package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A file system of 64 MiB in memory, mounted on a directory while a test runs.
record SmallDisk(Path directory) implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 30;

    /// Mounts one; empty where that is not permitted.
    static Optional<SmallDisk> mount(Path directory) throws InterruptedException {
        return run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", directory.toString())
                ? Optional.of(new SmallDisk(directory))
                : Optional.empty();
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            // There is no such program here.
            return false;
        }
    }

    @Override
    public void close() {
        try {
            assertThat(run("umount", directory.toString()) || run("umount", "-l", directory.toString()))
                    .as("%s is unmounted", directory)
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
