package io.caskade.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The scripts of `bin/` in a directory of their own, laid out as a distribution, with the classes of the test.
///
/// @param home the directory
/// @param program `cli` or `server`
public record Installation(Path home, String program) {

    private static final int TIMEOUT_SECONDS = 150;
    private static final Path SCRIPTS = Path.of("..", "bin");

    /// What a command has printed and how it ended.
    public record Ending(String out, String err, int exitCode) {}

    /// Makes an installation.
    ///
    /// @param home a directory that is there and empty
    /// @param program `cli` or `server`
    public static Installation in(Path home, String program) throws IOException {
        Path bin = Files.createDirectories(home.resolve("bin"));
        try (Stream<Path> scripts = Files.list(SCRIPTS)) {
            for (Path script : scripts.toList()) {
                Files.copy(script, bin.resolve(script.getFileName()));
            }
        }
        Files.createDirectory(home.resolve("lib"));
        return new Installation(home, program).with(program);
    }

    /// Adds a program.
    ///
    /// @param other `cli` or `server`
    public Installation with(String other) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
        try (OutputStream file = Files.newOutputStream(home.resolve("lib", jar(other)));
                JarOutputStream jar = new JarOutputStream(file, manifest)) {
            jar.finish();
        }
        return this;
    }

    private static String jar(String program) {
        return program + "-0.jar";
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" "));
    }

    /// A command for a shell, in the directory of the installation, with nothing of this process's locale.
    public ProcessBuilder command(String shell, Map<String, String> environment, String command) {
        ProcessBuilder builder = new ProcessBuilder(List.of(shell, "-c", command))
                .directory(home.toFile())
                .redirectInput(new File("/dev/null"));
        builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder;
    }

    /// The option by which Java uses a recorded start.
    public String recordingOption() throws IOException {
        return "-XX:AOTCache=" + home.toRealPath().resolve("lib", program + ".aot");
    }

    /// Leaves a recorded start.
    ///
    /// @param age how much older than the JAR it is; negative when the JAR is older
    public void recordStart(Duration age) throws IOException {
        Path lib = home.resolve("lib");
        Path recording = Files.writeString(lib.resolve(program + ".aot"), "");
        Instant recorded = Files.getLastModifiedTime(recording).toInstant();
        Files.setLastModifiedTime(lib.resolve(jar(program)), FileTime.from(recorded.plus(age)));
    }

    /// Runs a command for a shell with a JDK that does nothing.
    ///
    /// @return the arguments that Java was given
    public List<String> javaArguments(String shell, String command) throws IOException, InterruptedException {
        return run(shell, Map.of("JAVA_HOME", jdk("printf '%s\\n' \"$@\"\n").toString()), command)
                .out()
                .lines()
                .toList();
    }

    /// Makes a JDK whose Java is a script.
    public Path jdk(String java) throws IOException {
        Path jdk = Files.createTempDirectory(home, "jdk");
        Path bin = Files.createDirectory(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25\"\n");
        for (String tool : List.of("java", "javac")) {
            Path script = Files.writeString(bin.resolve(tool), "#!/bin/sh\n" + java);
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return jdk;
    }

    /// Runs a command for a shell to its end.
    public Ending run(String shell, Map<String, String> environment, String command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(home, "out", "");
        Path err = Files.createTempFile(home, "err", "");
        Process process = command(shell, environment, command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            throw new AssertionError("has not ended: " + command);
        }
        return new Ending(Files.readString(out, UTF_8), Files.readString(err, UTF_8), process.exitValue());
    }
}
