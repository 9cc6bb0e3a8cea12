package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.caskade.testing.JavaProcess;
import io.caskade.testing.JavaProcess.Ending;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// A store below a directory that its user may enter and not list, as `/home` often is.
@Timeout(60)
final class UnreadableParentTest {

    @TempDir
    private Path temporary = Path.of("");

    private Path parent = Path.of("");
    private Path own = Path.of("");

    @BeforeEach
    void hide() throws Exception {
        assumeThat(temporary.getFileSystem().supportedFileAttributeViews())
                .as("files have no permissions here")
                .contains("posix");
        parent = Files.createDirectory(temporary.resolve("home"));
        own = Files.createDirectory(parent.resolve("own"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("-wx--x--x"));
        assumeThat(Files.isReadable(parent) && !JavaProcess.isAllowed(JavaProcess.WITHOUT_PRIVILEGES))
                .as("this user reads every directory, and may not give that right up")
                .isFalse();
    }

    @AfterEach
    void show() throws IOException {
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx------"));
    }

    private Ending run(Path directory, Path snapshot) throws Exception {
        List<String> conditions = Files.isReadable(parent) ? JavaProcess.WITHOUT_PRIVILEGES : List.of();
        return JavaProcess.run(
                conditions.isEmpty() ? List.of("env") : conditions, "true", UsesStore.class, directory, snapshot);
    }

    @Test
    void itOpensAndSaysOnceWhatCannotBeSynced() throws Exception {
        Ending ending = run(own.resolve("store"), own.resolve("snapshot"));
        assertThat(ending.output()).contains("value");
        assertThat(ending.output().lines())
                .filteredOn(line -> line.startsWith(parent + ": cannot be synced"))
                .hasSize(1);
        assertThat(ending.exitCode()).isZero();
    }

    @Test
    void itIsCreatedAndSnapshotThereToo() throws Exception {
        Ending ending = run(parent.resolve("store"), parent.resolve("snapshot"));
        assertThat(ending.output()).contains("value");
        assertThat(ending.exitCode()).isZero();
    }

    @Test
    void aStoreThatMayNotBeCreatedSaysWhy() throws Exception {
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("r-x------"));
        Ending ending = run(own.resolve("store"), own.resolve("snapshot"));
        assertThat(ending.output()).contains(own.resolve("store") + ": permission denied");
    }

    /// Opens a store twice and takes a snapshot.
    static final class UsesStore {
        public static void main(String[] arguments) throws IOException {
            ListAppender<ILoggingEvent> logged = new ListAppender<>();
            logged.start();
            Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
            root.setLevel(Level.WARN);
            root.addAppender(logged);
            byte[] key = "key".getBytes(StandardCharsets.UTF_8);
            try (Bitcask store = open(arguments[0])) {
                store.put(key, "value".getBytes(StandardCharsets.UTF_8));
                store.snapshot(Path.of(arguments[1]));
            }
            try (Bitcask store = open(arguments[0])) {
                Entry entry = store.get(key);
                System.out.println(entry == null ? "lost" : new String(entry.value(), StandardCharsets.UTF_8));
            }
            logged.list.forEach(event -> System.out.println(event.getFormattedMessage()));
        }

        private static Bitcask open(String directory) throws IOException {
            return Bitcask.open(Path.of(directory), Options.defaults().withDiskReserve(0));
        }
    }
}
