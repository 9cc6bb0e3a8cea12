package io.caskade.systemtests;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// The ahead-of-time cache of the tests' nodes (JEP 514): most of what a start costs is to load and to verify
/// classes, and the tests start some eighty nodes. The first test JVM makes it; the others start nodes without
/// one meanwhile. There is none while a build has directories of classes and no JARs yet: the JVM takes only
/// JARs.
final class AheadOfTimeCache {

    private static final Path FILE = Path.of("target", "node.aot");
    private static final Path LOCK = Path.of("target", "node.aot.lock");

    /// The JVM makes the cache when its process ends; on a busy machine the tests go on without one.
    private static final Duration TRAINING = Duration.ofSeconds(40);

    private static boolean tried;

    private AheadOfTimeCache() {}

    /// The class path of the processes. The JARs come first: a cache is for the beginning of a class path.
    static String classPath() {
        List<String> entries = entries();
        return String.join(
                File.pathSeparator,
                Stream.concat(
                                entries.stream().filter(AheadOfTimeCache::isJar),
                                entries.stream().filter(entry -> !isJar(entry)))
                        .toList());
    }

    private static List<String> entries() {
        return Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator, -1));
    }

    private static boolean isJar(String entry) {
        return entry.endsWith(".jar");
    }

    /// The option that makes a node use the cache, which is made if it is missing; empty if there is none.
    ///
    /// @param jvm how each node is started, up to its class path
    static synchronized List<String> options(List<String> jvm) throws IOException, InterruptedException {
        List<Path> jars =
                entries().stream().filter(AheadOfTimeCache::isJar).map(Path::of).toList();
        if (jars.stream().noneMatch(jar -> jar.getFileName().toString().startsWith("server-"))) {
            return List.of();
        }
        if (!tried && !isCurrent(jars)) {
            make(jvm, jars);
        }
        // What the JVM thinks of its cache must not mix with what the node prints.
        return isCurrent(jars) ? List.of("-XX:AOTCache=" + FILE, "-Xlog:disable") : List.of();
    }

    private static boolean isCurrent(List<Path> jars) throws IOException {
        if (!Files.exists(FILE)) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(FILE);
        for (Path jar : jars) {
            if (Files.getLastModifiedTime(jar).compareTo(made) > 0) {
                return false;
            }
        }
        return true;
    }

    private static void make(List<String> jvm, List<Path> jars) throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null && !isCurrent(jars)) {
                tried = true;
                train(jvm, jars);
            }
        }
    }

    private static void train(List<String> jvm, List<Path> jars) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(Path.of("target"), "training");
        Path cache = directory.resolve("node.aot");
        StandaloneFiles files = StandaloneFiles.in(directory);
        List<String> command = new ArrayList<>(jvm);
        command.addAll(List.of("-XX:AOTCacheOutput=" + cache, "-Xlog:disable", "-cp"));
        command.add(String.join(
                File.pathSeparator, jars.stream().map(Path::toString).toList()));
        command.addAll(List.of("io.caskade.server.Main", files.configuration().toString()));
        try (NodeProcess node = NodeProcess.launch(new ProcessBuilder(command), files.log())) {
            node.awaitReady();
            if (node.terminatesWithin(TRAINING)) {
                Files.move(cache, FILE, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
