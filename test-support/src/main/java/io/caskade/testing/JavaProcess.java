package io.caskade.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Runs a test's program in a JVM of its own, under conditions that a command makes.
public final class JavaProcess implements AutoCloseable {

    /// Makes the program root in namespaces of its own, where it may mount.
    public static final List<String> MAY_MOUNT = List.of("unshare", "-rm");

    /// Takes the rights from root that other users do not have.
    public static final List<String> WITHOUT_PRIVILEGES = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");

    private static final Path SHELL = Path.of("/bin/sh");

    /// Whether the JVM lets the program call native code.
    public enum NativeAccess {
        /// It does.
        ALLOWED("--enable-native-access=ALL-UNNAMED"),
        /// It does not.
        DENIED("--illegal-native-access=deny");

        private final String option;

        NativeAccess(String option) {
            this.option = option;
        }
    }

    /// How a program has ended.
    ///
    /// @param output what it wrote to standard output and error
    public record Ending(int exitCode, String output) {}

    private final Process process;
    private final BufferedReader output;

    private JavaProcess(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /// Starts a program.
    public static JavaProcess start(NativeAccess access, Class<?> main, Object... arguments) throws IOException {
        return new JavaProcess(new ProcessBuilder(command(access, main, arguments))
                .redirectErrorStream(true)
                .start());
    }

    /// Whether this machine and user allow a command to run other programs, such as [#MAY_MOUNT].
    public static boolean isAllowed(List<String> conditions) throws InterruptedException {
        List<String> trial = new ArrayList<>(conditions);
        trial.add("true");
        try {
            return new ProcessBuilder(trial).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /// Runs a program under a command, after a line of shell that is run under it too.
    public static Ending run(List<String> conditions, String prepare, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(conditions);
        command.addAll(List.of(SHELL.toString(), "-c", prepare + " && exec \"$@\"", "sh"));
        command.addAll(command(NativeAccess.ALLOWED, main, arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ending(process.waitFor(), output);
    }

    private static List<String> command(NativeAccess access, Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                access.option,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /// Its number.
    public long pid() {
        return process.pid();
    }

    /// Returns when it has written a line.
    ///
    /// @throws IOException when it ends before, with what it wrote
    public void await(String line) throws IOException {
        List<String> before = new ArrayList<>();
        String next = output.readLine();
        while (!line.equals(next)) {
            if (next == null) {
                throw new IOException("ended without `" + line + "`: " + before);
            }
            before.add(next);
            next = output.readLine();
        }
    }

    /// Ends its input, for which it waits, and returns when it has ended.
    public Ending finish() throws IOException, InterruptedException {
        process.getOutputStream().close();
        String rest = output.lines().collect(Collectors.joining(System.lineSeparator()));
        return new Ending(process.waitFor(), rest);
    }

    /// Kills it, and returns when it has ended.
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
