package io.caskade.bench.engine;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Another Java that runs [ChildMain] on this one's class path, and what it says.
final class ChildProcess implements Closeable {

    /// What makes its memory comparable: a heap that is resident from the start, and no compiler that keeps
    /// memory for itself.
    static final List<String> STEADY_MEMORY =
            List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final Process process;
    private final BufferedReader said;

    private ChildProcess(Process process) {
        this.process = process;
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /// Starts one.
    ///
    /// @param limit the group it is to run in
    static ChildProcess start(List<String> jvmOptions, Optional<MemoryLimit> limit, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (limit.isPresent()) {
            Path members = limit.get().members();
            command.addAll(List.of("sh", "-c", "echo $$ >'" + members + "' && exec \"$@\"", "sh"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Dlmdbjava.disable.checks=true"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ChildMain.class.getName()));
        command.addAll(arguments);
        return new ChildProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /// The next line of its output.
    ///
    /// @throws IOException when it has ended
    String line() throws IOException {
        String line = said.readLine();
        if (line == null) {
            throw new IOException("the child process ended and said nothing");
        }
        return line;
    }

    /// Waits until it says this; what it says before is passed over.
    ///
    /// @throws IOException when it has ended
    void awaitLine(String expected) throws IOException {
        String next = line();
        while (!next.equals(expected)) {
            next = line();
        }
    }

    /// Kills it, as `kill -9` does, if it has not ended, and waits for its end.
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
