package io.caskade.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.v1.ErrorCode;
import io.caskade.client.FakeCluster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellTest {

    private FakeCluster cluster;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(4);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private int run(String input, Map<String, String> environment, String... args) throws IOException {
        out.reset();
        err.reset();
        return new Main(new ByteArrayInputStream(input.getBytes(UTF_8)), out, err, environment).run(args);
    }

    private int run(String... args) throws IOException {
        return run("", here(), args);
    }

    private int script(String input, String... args) throws IOException {
        return run(input, here(), args);
    }

    private Map<String, String> here() {
        return Map.of("CASKADE_ZOOKEEPER_CONNECT", cluster.connectString());
    }

    private String out() {
        return out.toString(UTF_8);
    }

    private String err() {
        return err.toString(UTF_8);
    }

    @Test
    void aScriptIsAnsweredWithOneLineForEachCommand() throws IOException {
        int code = script("""
                set hello 1
                get hello
                expire hello 200
                del hello
                get hello
                ttl hello
                """);

        assertThat(out()).isEqualTo("OK\n1\nOK\nOK\nrecord not found\nrecord not found\n");
        assertThat(err()).isEmpty();
        assertThat(code).isZero();
    }

    @Test
    void aTimeToLiveIsRoundedUpToSeconds() throws IOException {
        script("set hello 1 PX 199500\nttl hello\n");

        assertThat(out()).isEqualTo("OK\n200\n");
    }

    @Test
    void aRecordThatNeverExpiresHasATimeToLiveOfMinusOne() throws IOException {
        script("set hello 1 EX 10\npersist hello\nttl hello\npttl hello\npersist hello\n");

        assertThat(out()).isEqualTo("OK\nOK\n-1\n-1\nOK\n");
    }

    @Test
    void aTimeToLiveThatIsOverRemovesTheRecord() throws IOException {
        script("set hello 1\nexpire hello 0\nget hello\n");

        assertThat(out()).isEqualTo("OK\nOK\nrecord not found\n");
    }

    @Test
    void wordsMayBeInCapitals() throws IOException {
        script("SET hello 1 nx\nSet hello 2 Nx\nset hello 3 XX\nGET hello\n");

        assertThat(out()).isEqualTo("OK\ncondition not met\nOK\n3\n");
    }

    @Test
    void numbersCount() throws IOException {
        script("incr n\nincrby n 41\ndecr n\ndecrby n 11\nincrby n -40\n");

        assertThat(out()).isEqualTo("1\n42\n41\n30\n-10\n");
    }

    @Test
    void aValueIsComparedBeforeItIsReplaced() throws IOException {
        script("cas a 1 2\nset a 1\ncas a 1 2\ncas a 1 3\nget a\n");

        assertThat(out()).isEqualTo("record not found\nOK\nOK\ncondition not met\n2\n");
    }

    @Test
    void severalKeysAreRemovedAndCounted() throws IOException {
        script("set a 1\nset b 1\ndel a b c\nset a 1\nset b 1\ndel a b\ndel a b\n");

        assertThat(out()).isEqualTo("OK\nOK\n2 of 3 found\nOK\nOK\nOK\nrecord not found\n");
    }

    @Test
    void binaryValuesComeBackAsTheyCanBeTyped() throws IOException {
        script("set a \"x\\x00\\xff y\"\nget a\n");

        assertThat(out()).isEqualTo("OK\n\"x\\x00\\xff y\"\n");
    }

    @Test
    void rawValuesComeBackByteForByte() throws IOException {
        script("set a \"x\\x00\\xff\"\nget a\n", "--raw");

        assertThat(out.toString(ISO_8859_1)).isEqualTo("OK\nx\0\u00ff\n");
    }

    @Test
    void blankLinesAndCommentsSayNothing() throws IOException {
        script("\n  \n# set a 1\n  # b\nexists a");

        assertThat(out()).isEqualTo("0\n");
    }

    @Test
    void aScriptGoesOnAfterAMistakeAndNamesItsLine() throws IOException {
        int code = script("set a\n\nset a 1\nfrobnicate\nget a\n");

        assertThat(out()).isEqualTo("OK\n1\n");
        assertThat(err()).isEqualTo("""
                        error: line 1: VALUE is missing; usage: set KEY VALUE [EX seconds | PX milliseconds | KEEPTTL] [NX | XX]
                        error: line 4: unknown command frobnicate; help lists the commands
                        """);
        assertThat(code).isEqualTo(Exit.USAGE);
    }

    @Test
    void aScriptEndsWhereItSaysSo() throws IOException {
        script("set a 1\nquit\nset a 2\n");

        assertThat(out()).isEqualTo("OK\n");
    }

    @Test
    void aScanListsRecordsAndSaysWhereToGoOn() throws IOException {
        script("set a1 x\nset b1 'y z'\nscan a\nscan KEYS PREFIX b\n");

        assertThat(out()).isEqualTo("OK\nOK\na1 x\nb1\n");

        script("set a2 x\nset a3 x\nscan COUNT 1 KEYS\n");
        assertThat(out().lines().toList().getLast()).matches("\\(more: FROM \\d+:\\d+\\)");
    }

    @ParameterizedTest
    @CsvSource({
        "get nope, 1",
        "exists nope, 1",
        "del nope, 1",
        "ttl nope, 1",
        "cas nope 1 2, 1",
        "set a 1 XX, 1",
        "set a 1, 0",
        "get, 2",
        "get a b, 2",
        "incrby a x, 2",
        "decrby a -9223372036854775808, 2",
        "set a 1 EX 0, 2",
        "set a 1 EX 9223372036854775807, 2",
        "set a 1 EX 5 KEEPTTL, 2",
        "set a 1 NX XX, 2",
        "set a 1 FX, 2",
        "scan COUNT 0, 2",
        "scan FROM here, 2",
        "help nothing, 2",
        "help set, 0"
    })
    void oneCommandExitsWithItsAnswer(String command, int code) throws IOException {
        assertThat(run(command.split(" "))).isEqualTo(code);
        assertThat(code == Exit.USAGE ? err() : out()).isNotBlank();
        assertThat(code == Exit.USAGE ? out() : err()).isEmpty();
    }

    @Test
    void aRefusalExitsWithThree() throws IOException {
        run("set", "a", "many");

        assertThat(run("incr", "a")).isEqualTo(Exit.REFUSED);
        assertThat(err()).contains("WRONG_VALUE");
    }

    @Test
    void aWriteOfUnknownOutcomeExitsWithFour() throws IOException {
        cluster.node().refuse(ErrorCode.ERROR_CODE_OUTCOME_UNKNOWN);

        assertThat(script("set a 1\nget a\nfoo\n")).isEqualTo(Exit.UNKNOWN);
        assertThat(out()).isEqualTo("record not found\n");
        assertThat(err()).startsWith("error: line 1: the outcome of this put is unknown");
    }

    @Test
    void aClusterThatCannotBeReachedEndsTheScript() throws IOException {
        int code = run("get a\nget b\n", Map.of(), "--zookeeper", "127.0.0.1:" + deadPort(), "--timeout", "300ms");

        assertThat(code).isEqualTo(Exit.REFUSED);
        assertThat(err()).hasLineCount(1).contains("line 1: no ZooKeeper answers");
    }

    @Test
    void jsonHasAnObjectForEachCommand() throws IOException {
        script("set a 1\nget a\nget b\nttl a\nexists a\nincr a\ncas a 2 \"\\xff\"\nget a\nset a 1 NX\n", "--json");

        assertThat(out()).isEqualTo("""
                        {"key":"a","applied":true,"version":1}
                        {"key":"a","found":true,"value":"1","version":1,"expiresAt":null}
                        {"key":"b","found":false}
                        {"key":"a","found":true,"ttlMillis":null,"version":1}
                        {"key":"a","found":true}
                        {"key":"a","value":2,"version":2}
                        {"key":"a","applied":true,"version":3}
                        {"key":"a","found":true,"value":{"base64":"/w=="},"version":3,"expiresAt":null}
                        {"key":"a","applied":false}
                        """);
    }

    @Test
    void jsonHasAnObjectForEachFailureToo() throws IOException {
        int code = script("foo\n", "--json");

        assertThat(out()).isEqualTo("""
                        {"error":{"code":"USAGE","message":"unknown command foo; help lists the commands","line":1}}
                        """);
        assertThat(code).isEqualTo(Exit.USAGE);
    }

    @Test
    void jsonScansALineForEachRecord() throws IOException {
        script("set a 1\nscan\n", "--json");

        assertThat(out()).endsWith("""
                        {"key":"a","value":"1","version":1,"expiresAt":null}
                        {"next":null}
                        """);
    }

    @Test
    void theClusterIsATable() throws IOException {
        run("cluster");

        assertThat(out().lines())
                .anyMatch(line -> line.matches("node-1 +test +127.0.0.1:\\d+ +- +-"))
                .anyMatch(line -> line.matches("3 +node-1 +1 +node-1 +node-1 +1"));
    }

    @Test
    void theClusterIsJson() throws IOException {
        run("--json", "cluster");

        assertThat(out())
                .contains("\"leader\":\"node-1\"")
                .contains("\"isr\":[\"node-1\"]")
                .hasLineCount(1);
    }

    @Test
    void everyCommandHasHelp() throws IOException {
        run("help");
        String overview = out();

        for (Verb verb : Verb.values()) {
            assertThat(overview).containsPattern("(?m)^" + verb.word() + " ");
            assertThat(run("help", verb.word())).isZero();
            assertThat(out()).startsWith(verb.usage() + "\n");
        }
    }

    @Test
    void anOptionThatIsWrongIsOneLine() throws IOException {
        assertThat(run("--frobnicate", "get", "a")).isEqualTo(Exit.USAGE);
        assertThat(err()).hasLineCount(1).contains("--frobnicate").contains("--help");
        assertThat(run("--timeout", "5", "get", "a")).isEqualTo(Exit.USAGE);
        assertThat(err()).contains("--timeout takes a duration");
        assertThat(run("--zookeeper", "nowhere", "get", "a")).isEqualTo(Exit.USAGE);
        assertThat(err()).contains("--zookeeper takes host:port");
    }

    @Test
    void theFileThatIsNamedConfigures(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("cli.yaml");
        Files.writeString(file, "zookeeper:\n  connect: " + cluster.connectString() + "\n");

        assertThat(run("", Map.of(), "--config", file.toString(), "set", "a", "1"))
                .isZero();
        assertThat(run("", Map.of("CASKADE_CLI_CONFIG", file.toString()), "get", "a"))
                .isZero();
    }

    @Test
    void aMistakeInTheFileIsReportedWithItsLine(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("cli.yaml");
        Files.writeString(file, "request-timeout: 5\n");

        assertThat(run("--config", file.toString(), "get", "a")).isEqualTo(Exit.USAGE);
        assertThat(err()).contains("cli.yaml:1: request-timeout");
        assertThat(run("--config", directory.resolve("none").toString(), "get", "a"))
                .isEqualTo(Exit.USAGE);
        assertThat(err()).contains("no such file");
    }

    /// A port that nobody listens at.
    private static int deadPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
