package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caskade.testing.JavaProcess;
import io.caskade.testing.JavaProcess.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class NodeDirectoryTest {

    @TempDir
    private Path temporary = Path.of("");

    @Test
    void aDirectoryInUseNamesItsOwner() throws Exception {
        Path directory = temporary.resolve("data");
        try (NodeDirectory held = NodeDirectory.open(directory)) {
            assertThatThrownBy(() -> NodeDirectory.open(directory))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("data-dir " + directory + ": in use by this process, "
                            + ProcessHandle.current().pid());
            assertThat(held.session()).hasParentRaw(directory);
        }
    }

    @Test
    void aFileIsNoDirectory() throws Exception {
        Path file = Files.createFile(temporary.resolve("data"));
        assertThatThrownBy(() -> NodeDirectory.open(file)).hasMessageContaining("data-dir " + file + ": is not a dir");
    }

    @Test
    void belowADirectoryThatMayBeEnteredAndNotListedItOpens() throws Exception {
        Path home = temporary.resolve("home");
        Path own = Files.createDirectories(home.resolve("own"));
        assertThat(open(home, "-wx--x--x", own.resolve("data")).output()).contains("opened");
    }

    @Test
    void oneThatMayNotBeCreatedSaysWhy() throws Exception {
        Path own = Files.createDirectories(temporary.resolve("home/own"));
        assertThat(open(own, "r-x------", own.resolve("data")).output())
                .contains("data-dir " + own.resolve("data") + ": not writable for this user: ")
                .contains(": permission denied");
    }

    private static Ending open(Path restricted, String permissions, Path data) throws Exception {
        assumeThat(restricted.getFileSystem().supportedFileAttributeViews())
                .as("files have no permissions here")
                .contains("posix");
        Files.setPosixFilePermissions(restricted, PosixFilePermissions.fromString(permissions));
        try {
            boolean privileged = Files.isReadable(restricted) && Files.isWritable(restricted);
            assumeThat(privileged && !JavaProcess.isAllowed(JavaProcess.WITHOUT_PRIVILEGES))
                    .as("this user may do all, and may not give that right up")
                    .isFalse();
            return JavaProcess.run(
                    privileged ? JavaProcess.WITHOUT_PRIVILEGES : List.of("env"), "true", Opener.class, data);
        } finally {
            Files.setPosixFilePermissions(restricted, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /// Opens a node's directory.
    static final class Opener {
        public static void main(String[] arguments) throws IOException {
            try (NodeDirectory directory = NodeDirectory.open(Path.of(arguments[0]))) {
                System.out.println("opened " + directory.session());
            } catch (StartupException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
