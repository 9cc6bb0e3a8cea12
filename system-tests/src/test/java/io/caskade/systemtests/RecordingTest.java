package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caskade.testing.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `bin/caskade-train`, with a Java that only leaves the files that a recording does. `make build` runs it with
/// the real one.
class RecordingTest {

    private static final String SH = "/bin/sh";

    /// Serves until it is told to stop, and leaves what it was asked for then.
    private static final String JAVA = """
            for argument; do
                case $argument in
                    -XX:AOTCacheOutput=*) output=${argument#*=} ;;
                    -Xlog:class+init=*) classes=${argument#*file=} ;;
                esac
            done
            case "$*" in
                *io.caskade.server.Main*)
                    trap '[ -z "${output:-}" ] || echo new >"$output"; exit 0' TERM
                    classes=${classes:-/dev/null}
                    classes=$(echo "${classes%:none}" | sed "s/%p/$$/")
                    echo "3 Initializing 'io/caskade/server/Main' (0x1)" >"$classes"
                    echo "4 Initializing 'java/lang/Runtime' (0x2)" >>"$classes"
                    printf 'caskade ready\n  zookeeper  127.0.0.1:1\n'
                    while :; do sleep 0.05; done
                    ;;
                *) [ -z "${output:-}" ] || echo new >"$output" ;;
            esac
            """;

    @TempDir
    private Path directory = Path.of("");

    private Installation installation = new Installation(Path.of(""), "");

    @BeforeEach
    void install() throws IOException {
        assumeTrue(Files.isExecutable(Path.of(SH)), "the scripts need a POSIX shell");
        installation = Installation.in(Files.createDirectory(directory.resolve("home")), "server")
                .with("cli");
    }

    @Test
    void aDistributionRecordsWhereItsProgramsLookForIt() throws Exception {
        Installation.Ending ending = train(JAVA, "");

        assertThat(ending.exitCode()).as(ending.err()).isZero();
        assertThat(recording("server.aot")).hasContent("new");
        assertThat(recording("cli.aot")).hasContent("new");
        assertThat(recording("server.classes")).hasContent("io.caskade.server.Main");
        assertThat(installation.javaArguments(SH, "bin/caskade-server server.yaml"))
                .contains(installation.recordingOption());
        assertThat(leftOver()).isEmpty();
    }

    @Test
    void aRecordingThatFailsLeavesTheOlderOne() throws Exception {
        for (String file : List.of("server.aot", "server.classes", "cli.aot")) {
            Files.writeString(recording(file), "old");
        }

        Installation.Ending ending = train("exit 1\n", "");

        assertThat(ending.exitCode()).isEqualTo(1);
        assertThat(ending.err())
                .contains("no node could be started to train with")
                .contains(installation.home().toRealPath().resolve("run", "train.log") + " says why");
        for (String file : List.of("server.aot", "server.classes", "cli.aot")) {
            assertThat(recording(file)).hasContent("old");
        }
        assertThat(leftOver()).isEmpty();
    }

    @Test
    void aJavaThatRecordsNothingIsAnError() throws Exception {
        Installation.Ending ending = train(JAVA.replace("-XX:AOTCacheOutput=", "-XX:None="), "");

        assertThat(ending.exitCode()).isEqualTo(1);
        assertThat(ending.err()).contains("Java made no recording");
        assertThat(leftOver()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--seconds", "--seconds 0", "--seconds 1.5", "--seconds x", "now"})
    void anArgumentThatIsNotOneIsAUsageError(String arguments) throws Exception {
        Installation.Ending ending = train(JAVA, arguments);

        assertThat(ending.exitCode()).isEqualTo(2);
        assertThat(ending.err()).startsWith("error: ").contains("--");
    }

    private Installation.Ending train(String java, String arguments) throws Exception {
        return installation.run(
                SH,
                Map.of(
                        "JAVA_HOME", installation.jdk(java).toString(),
                        "TMPDIR",
                                Files.createDirectories(directory.resolve("tmp"))
                                        .toString()),
                "bin/caskade-train " + arguments);
    }

    private Path recording(String file) {
        return installation.home().resolve("lib", file);
    }

    /// What it has left beside the recording.
    private List<Path> leftOver() throws IOException {
        try (Stream<Path> libraries = Files.list(installation.home().resolve("lib"));
                Stream<Path> temporary = Files.list(directory.resolve("tmp"))) {
            return Stream.concat(
                            libraries.filter(
                                    file -> file.getFileName().toString().contains(".new.")),
                            temporary)
                    .toList();
        }
    }
}
