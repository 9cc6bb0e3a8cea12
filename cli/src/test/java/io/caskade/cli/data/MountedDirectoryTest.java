package io.caskade.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caskade.bitcask.Bitcask;
import io.caskade.bitcask.Options;
import io.caskade.cli.Main;
import io.caskade.testing.JavaProcess;
import io.caskade.testing.JavaProcess.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `caskade data` on file systems that are mounted as operators do it.
@Timeout(60)
final class MountedDirectoryTest {

    @TempDir
    private Path directory = Path.of("");

    private Path data = Path.of("");
    private Path mounted = Path.of("");

    @BeforeEach
    void write() throws Exception {
        assumeThat(JavaProcess.isAllowed(JavaProcess.MAY_MOUNT))
                .as("this user may not mount in a namespace")
                .isTrue();
        data = directory.resolve("data");
        mounted = Files.createDirectory(directory.resolve("mounted"));
        try (Bitcask store = Bitcask.open(data, Options.defaults().withDiskReserve(0))) {
            store.put("hello".getBytes(UTF_8), "world".getBytes(UTF_8));
        }
    }

    private Ending run(String mount, String... words) throws IOException, InterruptedException {
        List<Object> arguments = new ArrayList<>(List.of("data"));
        arguments.addAll(List.of(words));
        return JavaProcess.run(JavaProcess.MAY_MOUNT, mount, Main.class, arguments.toArray());
    }

    private String readOnly(Path source) {
        return "mount --bind '" + source + "' '" + mounted + "' && mount -o remount,ro,bind '" + mounted + "'";
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "dump"})
    void aReadOnlyFileSystemIsReadWithAWarning(String command) throws Exception {
        Ending ending = run(readOnly(data), command, mounted.toString());
        assertThat(ending.output())
                .contains("warning: " + mounted + ": may only be read, so nothing could be locked")
                .contains(command.equals("dump") ? "\"world\"" : ": ok, ");
        assertThat(ending.exitCode()).isZero();
    }

    @Test
    void itIsRestoredFrom() throws Exception {
        Path target = directory.resolve("restored");
        Ending ending = run(readOnly(data), "restore", mounted.toString(), target.toString());
        assertThat(ending.output()).contains("nothing could be locked").contains("restored up to record 2");
        assertThat(ending.exitCode()).isZero();
        try (Bitcask store = Bitcask.open(target, Options.defaults().withDiskReserve(0))) {
            assertThat(store.get("hello".getBytes(UTF_8))).isNotNull();
        }
    }

    @Test
    void aNodesDirectoryIsWarnedOfOnce() throws Exception {
        Path node = Files.createDirectory(directory.resolve("node"));
        Path partitions = Files.createDirectory(node.resolve("partitions"));
        for (String partition : List.of("0", "1")) {
            Bitcask.open(partitions.resolve(partition), Options.defaults().withDiskReserve(0))
                    .close();
        }
        Ending ending = run(readOnly(node), "verify", mounted.toString());
        assertThat(ending.output().lines())
                .filteredOn(line -> line.startsWith("warning: "))
                .hasSize(1);
        assertThat(ending.exitCode()).isZero();
    }

    @Test
    void aStoreThatIsOpenElsewhereIsRefused() throws Exception {
        try (Bitcask store = Bitcask.open(data, Options.defaults().withDiskReserve(0))) {
            Ending ending = run(readOnly(data), "verify", mounted.toString());
            assertThat(ending.output())
                    .contains("in use by process " + ProcessHandle.current().pid());
            assertThat(ending.exitCode()).isEqualTo(3);
            assertThat(store.size()).isOne();
        }
    }

    @Test
    void aFileSystemThatIsEmptyButForWhatItsMakerPutThereIsRestoredTo() throws Exception {
        String mount = "mount -t tmpfs tmpfs '" + mounted + "' && mkdir '" + mounted.resolve("lost+found") + "'";
        Ending ending = run(mount, "restore", data.toString(), mounted.toString());
        assertThat(ending.output()).contains("restored up to record 2");
        assertThat(ending.exitCode()).isZero();
    }

    @Test
    void whatFsckUsesIsNoStray() throws Exception {
        Files.createDirectory(data.resolve("lost+found"));
        Ending ending = run("true", "verify", data.toString());
        assertThat(ending.output()).contains(": ok, ").doesNotContain("stray");
    }
}
