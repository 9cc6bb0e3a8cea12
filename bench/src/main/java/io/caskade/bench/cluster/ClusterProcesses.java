package io.caskade.bench.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The processes of a cluster on this machine, such as `make cluster` runs: `run/zookeeper.pid` and
/// `run/node-N.pid` say which they are. Signals go to nothing but a process that is recorded there and whose
/// command line says that it is the part of Caskade by that name.
///
/// For one thread.
final class ClusterProcesses {

    /// The part that is not a node.
    static final String ZOOKEEPER = "zookeeper";

    private static final String OURS = "io.caskade.";
    private static final Path PROC = Path.of("/proc");

    private final Path run;
    private final Consumer<String> starter;

    /// @param run the directory of the `.pid` files
    /// @param startNode starts a node again and returns when it serves; `{}` in it stands for the node's number
    ClusterProcesses(Path run, List<String> startNode) {
        this(run, name -> run(command(startNode, name)));
    }

    /// @param run the directory of the `.pid` files
    /// @param starter starts a node again, by its name, and returns when it serves
    ClusterProcesses(Path run, Consumer<String> starter) {
        this.run = run;
        this.starter = starter;
    }

    private static List<String> command(List<String> startNode, String name) {
        String number = name.substring(name.lastIndexOf('-') + 1);
        return startNode.stream().map(word -> word.replace("{}", number)).toList();
    }

    /// A process that was found to be what it is recorded as.
    private record Part(String name, ProcessHandle process) {}

    /// Kills a part like `kill -9`, and returns when its process has ended.
    void kill(String name) {
        Part part = find(name);
        if (!part.process().destroyForcibly()) {
            throw new IllegalStateException(name + " could not be killed");
        }
        part.process().onExit().join();
    }

    /// Ends a part with SIGTERM.
    ///
    /// @throws IllegalStateException when it has not ended in time
    void terminate(String name, Duration timeout) {
        Part part = find(name);
        part.process().destroy();
        part.process()
                .onExit()
                .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(_ -> {
                    throw new IllegalStateException(
                            name + " has not ended " + timeout.toSeconds() + " s after SIGTERM");
                })
                .join();
    }

    /// Pauses a part with SIGSTOP while `meanwhile` runs, and always resumes it with SIGCONT.
    void pause(String name, Runnable meanwhile) {
        Part part = find(name);
        signal("-STOP", part);
        try {
            meanwhile.run();
        } finally {
            signal("-CONT", part);
        }
    }

    private static void signal(String signal, Part part) {
        run(List.of("kill", signal, Long.toString(part.process().pid())));
    }

    /// Starts a node again and returns when it serves.
    ///
    /// @param name such as `node-2`
    void start(String name) {
        starter.accept(name);
    }

    /// Runs a command that is to succeed; what it says goes to standard error.
    static void run(List<String> command) {
        // To open /dev/stderr would cut a file that it is.
        List<String> toStandardError = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" >&2", "sh"));
        toStandardError.addAll(command);
        try {
            Process process = new ProcessBuilder(toStandardError)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": exit code " + exitCode);
            }
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// The number of a node's last process, which may have ended since.
    long lastPid(String name) throws IOException {
        return Long.parseLong(Files.readString(run.resolve(name + ".pid")).strip());
    }

    /// The number of a part's process, which is running.
    long pid(String name) {
        return find(name).process().pid();
    }

    private Part find(String name) {
        Path file = run.resolve(name + ".pid");
        try {
            long pid = lastPid(name);
            ProcessHandle process = ProcessHandle.of(pid)
                    .orElseThrow(() -> new IllegalStateException(file + ": no process " + pid + " is running"));
            requireOurs(name, pid);
            return new Part(name, process);
        } catch (IOException e) {
            throw new IllegalStateException(file + " cannot be read; is the cluster one of make cluster?", e);
        } catch (NumberFormatException e) {
            throw new IllegalStateException(file + " does not hold a process id", e);
        }
    }

    /// A file may be left by a process that is gone, and its number may be another process's by now.
    private static void requireOurs(String name, long pid) throws IOException {
        List<String> words = commandLine(pid);
        boolean caskade = words.stream().anyMatch(word -> word.startsWith(OURS));
        Optional<String> last = words.isEmpty() ? Optional.empty() : Optional.of(words.getLast());
        boolean named = last.map(word -> Path.of(word).getFileName())
                .map(Path::toString)
                .filter(file -> file.equals(name) || file.equals(name + ".yaml"))
                .isPresent();
        if (!caskade || !named) {
            throw new IllegalStateException(
                    "process " + pid + " is not Caskade's " + name + " and is left alone: " + String.join(" ", words));
        }
    }

    private static List<String> commandLine(long pid) throws IOException {
        String line =
                Files.readString(PROC.resolve(Long.toString(pid)).resolve("cmdline"), StandardCharsets.ISO_8859_1);
        return List.of(line.split("\0"));
    }
}
