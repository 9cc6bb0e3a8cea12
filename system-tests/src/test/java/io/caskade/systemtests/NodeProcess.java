package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A standalone node in its own process, with its log next to its data directory.
final class NodeProcess implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 60;

    /// The server's own tests bring a configuration that writes to a file, and Logback would prefer it.
    private static final String SHIPPED_LOGGING = "-Dlogback.configurationFile="
            + Path.of("..", "server", "src", "main", "resources", "logback.xml").toAbsolutePath();

    private final Process process;
    private final Path log;

    private NodeProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// Starts a node on a configuration file and returns when it says that it is ready.
    static NodeProcess start(Path configuration, Path log) throws IOException, InterruptedException {
        NodeProcess node = launch(configuration, log);
        node.awaitReady();
        return node;
    }

    /// Starts a node as above, with the JVM's default choices but for the options given.
    static NodeProcess start(Path configuration, Path log, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(List.of(options));
        command.addAll(List.of(
                SHIPPED_LOGGING,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "io.caskade.server.Main",
                configuration.toString()));
        NodeProcess node = launch(new ProcessBuilder(command), log);
        node.awaitReady();
        return node;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /// Starts a node on a configuration file.
    static NodeProcess launch(Path configuration, Path log) throws IOException, InterruptedException {
        return launch("io.caskade.server.Main", log, configuration.toString());
    }

    /// Starts a program of the server's.
    static NodeProcess launch(String mainClass, Path log, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                SHIPPED_LOGGING,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(AheadOfTimeCache.options(List.copyOf(command)));
        command.addAll(List.of("-cp", AheadOfTimeCache.classPath(), mainClass));
        command.addAll(List.of(arguments));
        return launch(new ProcessBuilder(command), log);
    }

    /// Starts a program.
    static NodeProcess launch(ProcessBuilder command, Path log) throws IOException {
        Process process = command.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        NodeLogs.add(log);
        // For a run that is ended from outside: no node outlives the tests.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new NodeProcess(process, log);
    }

    /// Returns when it says that it is ready; one that is not in time is killed.
    void awaitReady() throws InterruptedException {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        CompletableFuture<Boolean> ready = CompletableFuture.supplyAsync(
                () -> out.lines().anyMatch(line -> line.endsWith(" ready")),
                task -> Thread.ofVirtual().start(task));
        try {
            assertThat(ready.get(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .as("it is ready before it ends: %s", logged())
                    .isTrue();
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new AssertionError("it is not ready in time: " + logged(), e);
        }
    }

    /// Where it listens, as it says when it is ready.
    List<String> readAddresses() throws IOException {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>();
        for (String line = out.readLine(); line != null && !line.startsWith("  data "); line = out.readLine()) {
            lines.add(line);
        }
        return lines;
    }

    /// What the node has logged and complained about so far.
    String logged() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends the process as `kill -9` does.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        exitCode();
    }

    /// Ends the process as SIGTERM does.
    ///
    /// @return its exit code
    int terminate() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    /// Ends the process as SIGTERM does, and says whether it has ended in time, with success.
    boolean terminatesWithin(Duration time) throws InterruptedException {
        process.destroy();
        return process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS) && process.exitValue() == 0;
    }

    /// Stops the process where it stands, as SIGSTOP does, until it is resumed.
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /// Lets the process go on where it was paused.
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).as("kill -%s %d", name, process.pid()).isZero();
    }

    /// Whether it has not ended.
    boolean isRunning() {
        return process.isAlive();
    }

    /// Waits for the process to end by itself.
    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                .as("the node ends in time; it logged: %s", logged())
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
