package io.caskade.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// A server that this process has started. What it prints goes to a file and is searched for the words by which
/// it says that it serves.
///
/// Thread-safe.
public final class ServerProcess implements AutoCloseable {

    private static final Duration FAREWELL = Duration.ofSeconds(20);
    private static final int SHOWN_LINES = 15;

    private final String name;
    private final Process process;
    private final Path log;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

    private ServerProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /// Starts a program.
    ///
    /// @param log gets what it prints
    /// @param readyWords are found in a line that it prints when it serves
    static ServerProcess start(String name, ProcessBuilder program, Path log, Pattern readyWords) throws IOException {
        Process process = program.redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        ServerProcess server = new ServerProcess(name, process, log);
        // Not a virtual thread: reading from a pipe would take its carrier away from others.
        Thread.ofPlatform().daemon().name("output of " + name).start(() -> server.read(readyWords));
        return server;
    }

    private void read(Pattern readyWords) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                Writer file = Files.newBufferedWriter(log)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                file.write(line + "\n");
                file.flush();
                if (readyWords.matcher(line).find()) {
                    ready.complete(true);
                }
            }
            ready.complete(false);
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    /// Returns when it serves.
    ///
    /// @throws IllegalStateException when it has ended instead, or does not serve in time
    public void awaitReady(Duration timeout) {
        try {
            if (!ready.get(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException(name + " has ended instead of serving" + lastWords());
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    name + " does not serve after " + timeout.toSeconds() + " s" + lastWords(), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("what " + name + " prints cannot be kept: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private String lastWords() {
        try {
            List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
            List<String> last = lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size());
            return last.isEmpty() ? "; it has printed nothing" : "; it printed:\n    " + String.join("\n    ", last);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Its process id.
    public long pid() {
        return process.pid();
    }

    /// Whether it has not ended.
    public boolean isRunning() {
        return process.isAlive();
    }

    /// Ends it with SIGTERM, or kills it if it does not end then, and returns when it has ended.
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(FAREWELL.toNanos(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
