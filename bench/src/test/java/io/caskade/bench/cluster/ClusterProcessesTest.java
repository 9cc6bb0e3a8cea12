package io.caskade.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ClusterProcessesTest {

    @TempDir
    private Path run = Path.of("");

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    /// A process that waits, with these words on its command line, recorded under a name.
    private Process recorded(String name, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "read _", "sh"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).start();
        started.add(process);
        Files.writeString(run.resolve(name + ".pid"), process.pid() + "\n");
        return process;
    }

    private ClusterProcesses processes(String... startNode) {
        return new ClusterProcesses(run, List.of(startNode));
    }

    @Test
    void aNodeIsKilled() throws Exception {
        Process node = recorded("node-2", "io.caskade.server.Main", "conf/cluster/node-2.yaml");

        processes().kill("node-2");

        assertThat(node.waitFor()).isEqualTo(128 + 9);
    }

    @Test
    void aNodeIsTerminated() throws Exception {
        Process node = recorded("node-2", "io.caskade.server.Main", "conf/cluster/node-2.yaml");

        processes().terminate("node-2", Duration.ofSeconds(60));

        assertThat(node.waitFor()).isEqualTo(128 + 15);
    }

    @Test
    void aPausedProcessIsAlwaysResumed() throws Exception {
        Process zookeeper = recorded("zookeeper", "io.caskade.server.ZooKeeperMain", "data/cluster/zookeeper");

        assertThatThrownBy(() -> processes().pause("zookeeper", () -> {
                    await().until(() -> stateOf(zookeeper).equals("T"));
                    throw new IllegalStateException("meanwhile");
                }))
                .hasMessage("meanwhile");

        await().until(() -> !stateOf(zookeeper).equals("T"));
    }

    private static String stateOf(Process process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anotherProgramsProcessIsLeftAlone() throws Exception {
        Process other = recorded("node-2", "java", "org.example.Main", "conf/cluster/node-2.yaml");

        assertThatThrownBy(() -> processes().kill("node-2")).hasMessageContaining("is left alone");
        assertThat(other.isAlive()).isTrue();
    }

    @Test
    void anotherNodesProcessIsLeftAlone() throws Exception {
        Process other = recorded("node-2", "io.caskade.server.Main", "conf/cluster/node-3.yaml");

        assertThatThrownBy(() -> processes().terminate("node-2", Duration.ofSeconds(1)))
                .hasMessageContaining("is not Caskade's node-2");
        assertThat(other.isAlive()).isTrue();
    }

    @Test
    void aClusterThatIsNotRunningIsReported() throws Exception {
        assertThatThrownBy(() -> processes().kill("node-1")).hasMessageContaining("make cluster");
        recorded("node-2", "io.caskade.server.Main", "node-2.yaml")
                .destroyForcibly()
                .waitFor();
        assertThatThrownBy(() -> processes().kill("node-2")).hasMessageContaining("node-2.pid");
    }

    /// Writes to a standard error that is shared with a command.
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) {
            System.err.println("before");
            ClusterProcesses.run(List.of("echo", "meanwhile"));
            System.err.println("after");
        }
    }

    @Test
    void whatACommandSaysComesAfterWhatIsInTheFileThatStandardErrorIs() throws Exception {
        Path file = run.resolve("errors");
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName())
                .redirectError(file.toFile())
                .start();

        assertThat(writer.waitFor()).isZero();
        assertThat(file).hasContent("before\nmeanwhile\nafter");
    }

    @Test
    void aNodeIsStartedByItsNumber() {
        Path mark = run.resolve("started-3");

        processes("touch", run + "/started-{}").start("node-3");

        assertThat(mark).exists();
        assertThatThrownBy(() -> processes("false").start("node-3")).hasMessageContaining("exit code 1");
    }
}
