package io.caskade.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caskade.client.FakeCluster;
import io.caskade.testing.Installation;
import io.caskade.testing.Installation.Ending;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `bin/caskade` as scripts start it: in any locale, from anywhere, with any standard streams.
class LauncherTest {

    private static final String SH = "/bin/sh";
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /// «ключ» and «день», written by a shell whatever its own language is.
    private static final String KLYUCH = "\"$(printf '\\320\\272\\320\\273\\321\\216\\321\\207')\"";

    private static final String DEN = "\"$(printf '\\320\\264\\320\\265\\320\\275\\321\\214')\"";

    @TempDir
    private Path directory = Path.of("");

    private Installation installation = new Installation(Path.of(""), "");
    private FakeCluster cluster;

    @BeforeEach
    void install() throws Exception {
        cluster = new FakeCluster(4);
        assumeTrue(Files.isExecutable(Path.of(SH)), "the scripts need a POSIX shell");
        installation = Installation.in(Files.createDirectory(directory.resolve("caskade home")), "cli");
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private Ending run(String command) throws Exception {
        return run(Map.of("LC_ALL", "C.UTF-8"), command);
    }

    private Ending run(Map<String, String> environment, String command) throws Exception {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(settings());
        return installation.run(SH, all, command);
    }

    /// The cluster, and time for processes that start beside those of other tests.
    private Map<String, String> settings() {
        String timeout = TIMEOUT.toSeconds() + "s";
        return Map.of(
                "CASKADE_ZOOKEEPER_CONNECT", cluster.connectString(),
                "CASKADE_CONNECT_TIMEOUT", timeout,
                "CASKADE_REQUEST_TIMEOUT", timeout,
                "CASKADE_ATTEMPT_TIMEOUT", timeout);
    }

    private static void assumeProc() {
        assumeTrue(
                Files.exists(Path.of("/proc/self/cmdline")), "only Linux shows a process the bytes of its arguments");
    }

    /// Java runs the classes that were recorded, whatever the JARs have by now.
    @Test
    void aRecordedStartIsUsedUntilAJarIsNewer() throws Exception {
        String command = "bin/caskade help";

        assertThat(installation.javaArguments(SH, command)).isNotEmpty().doesNotContain(installation.recordingOption());
        installation.recordStart(Duration.ofMinutes(-1));
        assertThat(installation.javaArguments(SH, command)).contains(installation.recordingOption());
        installation.recordStart(Duration.ofMinutes(1));
        assertThat(installation.javaArguments(SH, command)).doesNotContain(installation.recordingOption());
    }

    @ParameterizedTest
    @ValueSource(strings = {"xx_YY.UTF-8", "C", ""})
    void keysThatAreNotAsciiStayApartInEveryLocale(String locale) throws Exception {
        Ending ending = run(
                Map.of("LC_ALL", locale),
                "bin/caskade set " + KLYUCH + " 1 && bin/caskade set " + DEN + " 2 && bin/caskade get " + KLYUCH);

        assertThat(ending).isEqualTo(new Ending("OK\nOK\n1\n", "", 0));
    }

    @Test
    void argumentsThatAreNotUtf8KeepTheirBytes() throws Exception {
        assumeProc();
        Ending ending = run(Map.of("LC_ALL", "C"), """
                bin/caskade set "$(printf 'k\\200')" one
                bin/caskade set "$(printf 'k\\201')" "$(printf '\\377')"
                bin/caskade scan PREFIX k
                """);

        assertThat(ending.out().lines())
                .containsExactlyInAnyOrder("OK", "OK", "\"k\\x80\" one", "\"k\\x81\" \"\\xff\"");
        assertThat(ending.exitCode()).isZero();
    }

    @Test
    void aNameOfAFileThatIsNotUtf8IsRefused() throws Exception {
        assumeProc();
        Ending ending = run("bin/caskade data restore \"$(printf 'k\\200')\" x");

        assertThat(ending).isEqualTo(new Ending("", "error: not UTF-8: \"k\\x80\"\n", 2));
    }

    @Test
    void anAtSignNamesNoFile() throws Exception {
        Files.writeString(installation.home().resolve("me"), "del hello");
        Ending ending = run("""
                bin/caskade set hello 1; bin/caskade @me; bin/caskade --json @me; bin/caskade --json set x @me
                bin/caskade get x; bin/caskade exists hello""");

        assertThat(ending.out().lines())
                .contains("OK", "@me", "1")
                .anyMatch(line -> line.contains("unknown command @me"));
        assertThat(ending.err()).startsWith("error: unknown command @me");
    }

    /// From beside it, through links, and where `cd` would go elsewhere and print where.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bin/caskade --version",
                "cd ./bin && ./caskade --version",
                "cd ./bin && sh caskade --version",
                "ln -s bin/caskade link && ./link --version && sh link --version",
                "mkdir sub && cd ./sub && ln -s ../bin/caskade link && sh link --version",
                "PATH=$PWD/bin:$PATH && cd / && caskade --version"
            })
    void itIsFoundFromAnywhere(String command) throws Exception {
        Files.createDirectories(directory.resolve("elsewhere/bin"));
        Ending ending = run(
                Map.of("CDPATH", ".:" + directory.resolve("elsewhere") + ":" + directory, "LC_ALL", "C.UTF-8"),
                command);

        assertThat(ending.out().lines()).isNotEmpty().allMatch(line -> line.startsWith("caskade "));
        assertThat(ending.err()).isEmpty();
        assertThat(ending.exitCode()).isZero();
    }

    /// Java must not be given the descriptors of the standard streams for files of its own.
    @Nested
    class ClosedStreams {

        @ParameterizedTest
        @ValueSource(strings = {"/bin/dash", "/bin/bash", SH})
        void withoutStandardInputItEndsAtOnce(String shell) throws Exception {
            assumeTrue(Files.isExecutable(Path.of(shell)), "there is no " + shell);
            assertThat(installation.run(shell, settings(), shell + " bin/caskade <&-"))
                    .isEqualTo(new Ending("", "", 0));
        }

        @Test
        void withoutStandardOutputItFailsAsOtherProgramsDo() throws Exception {
            assertThat(run("bin/caskade help >&-"))
                    .isEqualTo(new Ending("", "error: cannot write the output: Bad file descriptor\n", 5));
        }

        @Test
        void withoutStandardErrorTheExitCodeTells() throws Exception {
            assertThat(run("bin/caskade get nothing 2>&-")).isEqualTo(new Ending("", "", 1));
            assertThat(run("bin/caskade get nothing <&- >&- 2>&-")).isEqualTo(new Ending("", "", 1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bin/caskade help",
                "bin/caskade help 2>&1",
                "bin/caskade frobnicate 2>&1",
                "bin/caskade data --help",
                "bin/caskade bench --help",
                "bin/caskade import redis --help"
            })
    void aReaderThatIsGoneEndsItQuietly(String command) throws Exception {
        assertThat(run("{ " + command + "; echo $? >code; } | true; cat code")).isEqualTo(new Ending("141\n", "", 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"bin/caskade help", "bin/caskade set a 1", "bin/caskade --json get a", "bin/caskade data --help"
            })
    void aFullDiskBehindStandardOutputIsAnErrorOfItsOwn(String command) throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/full")), "there is no /dev/full");
        Ending ending = run(command + " >/dev/full");

        assertThat(ending.err()).isEqualTo("error: cannot write the output: No space left on device\n");
        assertThat(ending.exitCode()).isEqualTo(5);
    }

    @Test
    void anInputThatCannotBeReadIsAnErrorOfItsOwn() throws Exception {
        assertThat(run("bin/caskade </"))
                .isEqualTo(new Ending("", "error: cannot read the input: Is a directory\n", 5));
    }

    @Test
    void aBenchmarkThatIsEndedSaysWhatItMeasured() throws Exception {
        Path out = directory.resolve("out");
        Process bench = installation
                .command(
                        SH,
                        settings(),
                        "exec bin/caskade bench --protocol grpc --workload put --duration 1h -c 1 -r 5 --warm-up 0ms")
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            Awaitility.await().atMost(TIMEOUT).until(() -> cluster.node().calls() > 100);
            bench.destroy();

            assertThat(bench.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(bench.exitValue()).isEqualTo(130);
            assertThat(Files.readString(out))
                    .containsPattern("(?m)^grpc +put +[1-9]\\d* ")
                    .endsWith("grpc put was interrupted\n");
            assertThat(run("bin/caskade keys '*'").out()).isEmpty();
        } finally {
            bench.destroyForcibly();
        }
    }

    @Test
    void rawValuesArePrintedByteForByte() throws Exception {
        assertThat(run("bin/caskade set img \"$(printf 'a\\377b')\" && bin/caskade --raw get img | od -An -tx1"))
                .isEqualTo(new Ending("OK\n 61 ff 62\n", "", 0));
        assertThat(run("v=$(bin/caskade get missing); echo \"<$v>\""))
                .isEqualTo(new Ending("<>\n", "record not found\n", 0));
    }
}
