package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caskade.client.CaskadeClient;
import io.caskade.testing.FreePorts;
import io.caskade.testing.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `bin/caskade-server` in any locale and on any address.
class LauncherTest {

    private static final String SH = "/bin/sh";

    @TempDir
    private Path directory = Path.of("");

    private Installation installation = new Installation(Path.of(""), "");

    @BeforeEach
    void install() throws IOException {
        assumeTrue(Files.isExecutable(Path.of(SH)), "the scripts need a POSIX shell");
        installation = Installation.in(Files.createDirectory(directory.resolve("home")), "server");
    }

    /// Java runs the classes that were recorded, whatever the JARs have by now.
    @Test
    void aRecordedStartIsUsedUntilAJarIsNewer() throws Exception {
        String command = "bin/caskade-server server.yaml";

        assertThat(installation.javaArguments(SH, command)).isNotEmpty().doesNotContain(installation.recordingOption());
        installation.recordStart(Duration.ofMinutes(-1));
        assertThat(installation.javaArguments(SH, command)).contains(installation.recordingOption());
        installation.recordStart(Duration.ofMinutes(1));
        assertThat(installation.javaArguments(SH, command)).doesNotContain(installation.recordingOption());
    }

    /// With a recording of other JARs they would only take time.
    @Test
    void theRecordedClassesAreInitializedOnlyWithTheRecordedStart() throws Exception {
        String command = "bin/caskade-server server.yaml";
        Path classes = Files.writeString(installation.home().resolve("lib", "server.classes"), "java.lang.Object\n");
        String option = "-Dcaskade.classes=" + classes.toRealPath();

        assertThat(installation.javaArguments(SH, command)).isNotEmpty().doesNotContain(option);
        installation.recordStart(Duration.ofMinutes(-1));
        assertThat(installation.javaArguments(SH, command)).contains(option);
        Files.delete(classes);
        assertThat(installation.javaArguments(SH, command))
                .isNotEmpty()
                .noneMatch(argument -> argument.contains("caskade.classes"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "xx_YY.UTF-8"})
    void aDataDirectoryWhoseNameIsNotAsciiHasTheSameNameInEveryLocale(String locale) throws Exception {
        Files.writeString(installation.home().resolve("server.yaml"), """
                data-dir: data/gr\u00f6\u00dfe
                zookeeper:
                  connect: 127.0.0.1:0
                  embedded: true
                listeners:
                  grpc:
                    bind: 127.0.0.1:0
                  http:
                    bind: 127.0.0.1:0
                  redis:
                    bind: 127.0.0.1:0
                  replication:
                    bind: 127.0.0.1:0
                """);
        Map<String, String> environment = Map.of("LC_ALL", locale);

        try (NodeProcess node = launch(environment, "server.yaml")) {
            node.awaitReady();
            assertThat(node.terminate()).isZero();
        }

        // By its bytes: the test's own locale may not know them.
        assertThat(installation.run(
                        SH, environment, "cd data && for name in *; do printf %s \"$name\" | od -An -tx1; done"))
                .isEqualTo(new Installation.Ending(" 67 72 c3 b6 c3 9f 65\n", "", 0));
    }

    @Test
    void theBoundAddressIsShownWithTheAdvertisedOne() throws Exception {
        int port = FreePorts.next();
        Files.writeString(installation.home().resolve("server.yaml"), String.format(Locale.ROOT, """
                data-dir: data
                zookeeper:
                  connect: 127.0.0.1:0
                  embedded: true
                listeners:
                  grpc:
                    bind: 0.0.0.0:%d
                    advertised: 127.0.0.1:%d
                  http:
                    bind: 127.0.0.1:0
                  redis:
                    bind: 127.0.0.1:0
                  replication:
                    bind: 127.0.0.1:0
                """, port, port));

        try (NodeProcess node = launch(Map.of(), "server.yaml")) {
            node.awaitReady();
            assertThat(node.readAddresses())
                    .anyMatch(line ->
                            line.equals("  grpc         0.0.0.0:" + port + " (advertised as 127.0.0.1:" + port + ")"))
                    .anyMatch(line -> line.matches("  redis        127\\.0\\.0\\.1:[0-9]+"))
                    .anyMatch(line -> line.matches("  replication  127\\.0\\.0\\.1:[0-9]+"));
            assertThat(node.terminate()).isZero();
        }
    }

    /// A distribution has none, nor has a build for another JDK.
    @Test
    void nothingIsSaidOfAnAheadOfTimeCacheThatIsMissing() throws Exception {
        Installation.Ending ending = installation.run(SH, Map.of(), "bin/caskade-server missing.yaml 2>&1");

        assertThat(ending.out().lines()).singleElement().asString().startsWith("missing.yaml: ");
    }

    @Test
    void aNodeWithoutMemoryEnds() throws Exception {
        assertThat(javaFlags()).anyMatch(line -> line.matches(" *bool ExitOnOutOfMemoryError += true .*"));
    }

    @Test
    void aNodeInlinesLessSoThatItIsSoonerWarm() throws Exception {
        assertThat(javaFlags())
                .anyMatch(line -> line.matches(" *intx MaxInlineLevel += 9 .*"))
                .anyMatch(line -> line.matches(" *intx FreqInlineSize += 150 .*"))
                .anyMatch(line -> line.matches(" *intx InlineSmallCode += 600 .*"));
    }

    private Stream<String> javaFlags() throws Exception {
        Map<String, String> print = Map.of("CASKADE_JAVA_OPTS", "-XX:+PrintFlagsFinal -version");
        return installation
                .run(SH, print, "bin/caskade-server server.yaml 2>&1")
                .out()
                .lines();
    }

    @Test
    void closedStandardStreamsAreNotGivenToFiles() throws Exception {
        StandaloneFiles files = StandaloneFiles.in(directory);
        try (NodeProcess node = NodeProcess.launch(
                installation.command(
                        SH, Map.of(), "exec bin/caskade-server " + files.configuration() + " <&- >&- 2>&-"),
                files.log())) {
            try (CaskadeClient client = files.client(Duration.ofSeconds(60))) {
                client.put(new byte[] {1}, new byte[] {2});
            }
            assertThat(node.terminate()).isZero();
        }
        assertThat(files.log()).isEmptyFile();
    }

    private NodeProcess launch(Map<String, String> environment, String configuration) throws IOException {
        // The log as it is shipped, not as the server's own tests have it.
        Map<String, String> all = new HashMap<>(Map.of("CASKADE_JAVA_OPTS", "-Dlogback.configurationFile=logback.xml"));
        all.putAll(environment);
        return NodeProcess.launch(
                installation.command(SH, all, "exec bin/caskade-server " + configuration),
                directory.resolve("node.log"));
    }
}
