package io.caskade.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A directory of its own, and the servers that work in it. When this is closed, or the program ends before,
/// the servers are ended, the last one first, and the directory is removed.
///
/// Thread-safe.
public final class ScratchArea implements AutoCloseable {

    private final Path directory;
    private final Deque<ServerProcess> servers = new ArrayDeque<>();
    private final Thread hook = new Thread(this::clear, "ends what was started");

    private boolean closed;

    private ScratchArea(Path directory) {
        this.directory = directory;
    }

    /// Makes a directory.
    ///
    /// @param parent should be on the disk that is to be measured; is made if it is missing
    /// @param name how the directory's name begins
    public static ScratchArea create(Path parent, String name) throws IOException {
        Files.createDirectories(parent);
        ScratchArea area =
                new ScratchArea(Files.createTempDirectory(parent, name + "-").toAbsolutePath());
        Runtime.getRuntime().addShutdownHook(area.hook);
        return area;
    }

    /// Where its servers keep their data.
    public Path directory() {
        return directory;
    }

    /// Starts a server and does not wait for it. Its process id is kept in `NAME.pid`, what it prints in
    /// `NAME.log`.
    ///
    /// @param name that no other in here has which is running
    /// @param environment is added to this process's; variables without a value are taken away
    /// @param readyWords are found in a line that it prints when it serves
    public synchronized ServerProcess start(
            String name, List<String> command, Map<String, String> environment, Pattern readyWords) throws IOException {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        ProcessBuilder program = new ProcessBuilder(command);
        environment.forEach((variable, value) -> {
            if (value.isEmpty()) {
                program.environment().remove(variable);
            } else {
                program.environment().put(variable, value);
            }
        });
        ServerProcess server = ServerProcess.start(name, program, directory.resolve(name + ".log"), readyWords);
        servers.push(server);
        Files.writeString(directory.resolve(name + ".pid"), server.pid() + "\n");
        return server;
    }

    /// Idempotent.
    @Override
    public void close() {
        clear();
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is being ended, and the hook finds nothing left to do.
            return;
        }
    }

    private synchronized void clear() {
        if (closed) {
            return;
        }
        closed = true;
        while (!servers.isEmpty()) {
            servers.pop().close();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("not removed: " + directory, e);
        }
    }
}
