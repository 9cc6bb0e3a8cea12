package io.caskade.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Keeps the logs of a failed test's nodes, which are in a directory that is removed when the test ends. JUnit
/// loads it for every test.
public final class NodeLogs implements AfterTestExecutionCallback {

    private static final Path KEPT = Path.of("target", "node-logs");

    private static final Set<Path> LOGS = new LinkedHashSet<>();

    /// A node writes a log.
    static void add(Path log) {
        synchronized (LOGS) {
            LOGS.add(log);
        }
    }

    @Override
    public void afterTestExecution(ExtensionContext test) throws IOException {
        Optional<Throwable> failure = test.getExecutionException();
        if (failure.isPresent()) {
            String name = test.getRequiredTestClass().getSimpleName() + "."
                    + test.getRequiredTestMethod().getName();
            List<Path> logs;
            synchronized (LOGS) {
                logs = List.copyOf(LOGS);
            }
            keep(logs, KEPT.resolve(name), failure.get());
        }
    }

    /// Copies the logs that are still there.
    ///
    /// @param failure is told where they are
    static void keep(List<Path> written, Path directory, Throwable failure) throws IOException {
        List<Path> logs = written.stream().filter(Files::exists).toList();
        if (logs.isEmpty()) {
            return;
        }
        Files.createDirectories(directory);
        for (Path log : logs) {
            Files.copy(log, directory.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
        failure.addSuppressed(new AssertionError(logs.size() + " logs of nodes are in " + directory.toAbsolutePath()));
    }
}
