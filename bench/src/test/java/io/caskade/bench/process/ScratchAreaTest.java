package io.caskade.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchAreaTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Pattern READY = Pattern.compile("^ready");

    @TempDir
    private Path parent = Path.of("");

    @Test
    void whatWasStartedIsEndedAndItsFilesAreRemoved() throws Exception {
        ServerProcess server;
        try (ScratchArea area = ScratchArea.create(parent.resolve("made"), "test")) {
            Files.writeString(area.directory().resolve("data"), "some");
            server = area.start("server", List.of("sh", "-c", "echo ready; exec sleep 600"), Map.of(), READY);
            server.awaitReady(TIMEOUT);
            assertThat(server.isRunning()).isTrue();
        }

        assertThat(server.isRunning()).isFalse();
        assertThat(parent.resolve("made")).isEmptyDirectory();
    }

    @Test
    void variablesAreAddedAndTakenAway() throws Exception {
        try (ScratchArea area = ScratchArea.create(parent, "test")) {
            ServerProcess server = area.start(
                    "server",
                    List.of("/bin/sh", "-c", "echo ready $ADDED ${HOME:-gone}; exec sleep 600"),
                    Map.of("ADDED", "word", "HOME", ""),
                    Pattern.compile("ready word gone"));

            server.awaitReady(TIMEOUT);
        }
    }

    @Test
    void aServerThatEndsInsteadOfServingIsReportedWithItsLastWords() throws Exception {
        try (ScratchArea area = ScratchArea.create(parent, "test")) {
            ServerProcess server =
                    area.start("server", List.of("sh", "-c", "echo not ready: no disk"), Map.of(), READY);

            assertThatThrownBy(() -> server.awaitReady(TIMEOUT))
                    .hasMessageContaining("server has ended instead of serving")
                    .hasMessageContaining("not ready: no disk");
        }
    }

    @Test
    void aServerThatDoesNotServeInTimeIsReported() throws Exception {
        try (ScratchArea area = ScratchArea.create(parent, "test")) {
            ServerProcess server = area.start("server", List.of("sleep", "600"), Map.of(), READY);

            assertThatThrownBy(() -> server.awaitReady(Duration.ofMillis(10)))
                    .hasMessageContaining("server does not serve after 0 s");
        }
    }

    @Test
    void programsAreFoundOnThePath() throws Exception {
        Path program = Files.createFile(parent.resolve("program"));

        assertThat(InstalledPrograms.find("program", "/nowhere:" + parent)).isEmpty();
        assertThat(program.toFile().setExecutable(true)).isTrue();
        assertThat(InstalledPrograms.find("program", ":/nowhere:" + parent)).contains(program);
    }

    @Test
    void freePortsDiffer() throws Exception {
        assertThat(LoopbackPorts.free(5)).doesNotHaveDuplicates().hasSize(5);
    }
}
