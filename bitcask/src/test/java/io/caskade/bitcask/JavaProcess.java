package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Runs a test's program in a JVM of its own, under conditions that a shell command makes.
final class JavaProcess implements AutoCloseable {

    private static final Path SHELL = Path.of("/bin/sh");

    /// What the JVM may be allowed.
    enum NativeAccess {
        ALLOWED("--enable-native-access=ALL-UNNAMED"),
        DENIED("--illegal-native-access=deny");

        private final String option;

        NativeAccess(String option) {
            this.option = option;
        }
    }

    private final Process process;
    private final BufferedReader output;

    private JavaProcess(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /// Starts a program.
    static JavaProcess start(NativeAccess access, Class<?> main, Object... arguments) throws IOException {
        return new JavaProcess(new ProcessBuilder(command(access, main, arguments))
                .redirectErrorStream(true)
                .start());
    }

    /// Runs a program in namespaces of its own, where it is root and may mount, after a shell command.
    ///
    /// @return what it printed
    static String runWhereItMayMount(String prepare, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        List<String> unshare = List.of("unshare", "-rm");
        assumeRuns(unshare, "this machine lets no user mount in a namespace");
        return run(unshare, prepare, main, arguments);
    }

    /// Runs a program as a user that is not root, after a shell command of that user.
    ///
    /// @return what it printed
    static String runAsNobody(String prepare, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        List<String> nobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        assumeRuns(nobody, "this user may not become another one");
        return run(nobody, prepare, main, arguments);
    }

    private static void assumeRuns(List<String> prefix, String otherwise) throws InterruptedException {
        List<String> trial = new ArrayList<>(prefix);
        trial.add("true");
        int code;
        try {
            code = new ProcessBuilder(trial).start().waitFor();
        } catch (IOException e) {
            code = -1;
        }
        assumeThat(code).as(otherwise).isZero();
    }

    private static String run(List<String> prefix, String prepare, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(SHELL.toString(), "-c", prepare + " && exec \"$@\"", "sh"));
        command.addAll(command(NativeAccess.ALLOWED, main, arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
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
    long pid() {
        return process.pid();
    }

    /// Returns when it has printed a line.
    void await(String line) throws IOException {
        List<String> before = new ArrayList<>();
        String next = output.readLine();
        while (next != null && !next.equals(line)) {
            before.add(next);
            next = output.readLine();
        }
        assertThat(next).as(String.join(System.lineSeparator(), before)).isEqualTo(line);
    }

    /// Ends its input, on which it waits, and returns what it still prints.
    String finish() throws IOException, InterruptedException {
        process.getOutputStream().close();
        String rest = output.lines().collect(Collectors.joining(System.lineSeparator()));
        assertThat(process.waitFor()).as(rest).isZero();
        return rest;
    }

    /// Kills it, as a failing machine would.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
