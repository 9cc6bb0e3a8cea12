package io.caskade.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With scripts in the place of the launchers, which show what they were called with.
class CaskadeNodesTest {

    @TempDir
    private Path home = Path.of("");

    private Path scratch = home;

    @BeforeEach
    void makePlace() throws IOException {
        scratch = home.resolve("scratch");
        Files.createDirectory(home.resolve("bin"));
        script("caskade-zookeeper", "echo 'caskade-zookeeper ready'; exec sleep 600");
    }

    private void script(String name, String does) throws IOException {
        Path file = Files.writeString(home.resolve("bin").resolve(name), "#!/bin/sh\n" + does + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void aClusterHasAZooKeeperAndThreeNodesOfWhichEachCanBeStartedAgain() throws Exception {
        script(
                "caskade-server",
                "cp \"$1\" \"$(basename \"$1\" | sed 's|^|" + home + "/|')\"; echo 'caskade ready'\n"
                        + "exec sleep 600");
        List<Long> pids;
        long restarted;
        try (CaskadeNodes nodes = CaskadeNodes.startCluster(home, scratch)) {
            pids = nodes.pids();
            assertThat(pids).hasSize(3).doesNotHaveDuplicates();
            for (int number = 1; number <= 3; number++) {
                assertThat(home.resolve("node-" + number + ".yaml"))
                        .content()
                        .contains("id: node-" + number, "connect: " + nodes.zookeeper(), "replication-factor: 3")
                        .contains("embedded: false", "data-dir: " + scratch);
            }
            ProcessHandle second = ProcessHandle.of(pids.get(1)).orElseThrow();
            assertThat(second.destroyForcibly()).isTrue();
            second.onExit().join();
            nodes.startAgain("node-2");
            restarted = nodes.pids().get(1);
            assertThat(nodes.pids()).isEqualTo(List.of(pids.getFirst(), restarted, pids.getLast()));
            assertThat(nodes.directory().resolve("node-2.pid")).hasContent(Long.toString(restarted));
            assertThat(nodes.directory().resolve("zookeeper.pid")).exists();
        }

        assertThat(ProcessHandle.of(restarted)).isEmpty();
        assertThat(pids).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aNodeThatIsNotBuiltIsReportedAndNothingIsLeft() throws Exception {
        script("caskade-server", "echo 'error: not built: already ready'; exit 2");

        assertThatThrownBy(() -> CaskadeNodes.startOne(home, scratch))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("error: not built");
        assertThat(scratch).isEmptyDirectory();
    }
}
