package io.caskade.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.CopyId;
import io.caskade.api.v1.CopyRole;
import io.caskade.api.v1.CopyStatus;
import io.caskade.api.v1.DescribeNodeResponse;
import io.caskade.api.v1.DrainNodeResponse;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.FollowerStatus;
import io.caskade.api.v1.MoveReplicasResponse;
import io.caskade.api.v1.NodeIncarnation;
import io.caskade.api.v1.PartitionMove;
import io.caskade.api.v1.PartitionState;
import io.caskade.api.v1.ShareSettingsResponse;
import io.caskade.api.v1.SharedSetting;
import io.caskade.cli.command.CommandSpec;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.process.ProcessArguments;
import io.caskade.cli.process.ProcessOutput;
import io.caskade.client.FakeCluster;
import io.caskade.testing.FreePorts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    private int run(String input, Map<String, String> environment, String... args) {
        return run(input.getBytes(UTF_8), environment, args);
    }

    private int run(byte[] input, Map<String, String> environment, String... args) {
        out.reset();
        err.reset();
        return new Main(new ByteArrayInputStream(input), out, err, environment).run(ProcessArguments.of(args));
    }

    private int run(String... args) {
        return run("", here(), args);
    }

    private int script(String input, String... args) {
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
    void aScriptPrintsOneLineForEachCommand() throws IOException {
        int code = script("""
                set hello 1
                get hello
                expire hello 200
                del hello
                get hello
                ttl hello
                """);

        assertThat(out()).isEqualTo("OK\n1\nOK\nOK\n");
        assertThat(err()).isEqualTo("record not found\nrecord not found\n");
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
    void aTimeToLiveOfZeroRemovesTheRecord() throws IOException {
        script("set hello 1\nexpire hello 0\nget hello\n");

        assertThat(out()).isEqualTo("OK\nOK\n");
        assertThat(err()).isEqualTo("record not found\n");
    }

    @Test
    void commandsAreNotCaseSensitive() throws IOException {
        script("SET hello 1 nx\nSet hello 2 Nx\nset hello 3 XX\nGET hello\n");

        assertThat(out()).isEqualTo("OK\nOK\n3\n");
        assertThat(err()).isEqualTo("condition not met\n");
    }

    @Test
    void readsSayHowCurrentTheyAreAndTheShellKeepsItsContext() throws IOException {
        cluster.node().apply(3, 90);
        int code = script("""
                set hello 1
                get hello
                get hello read Eventual
                ttl hello READ linearizable
                set hello 2
                exists hello
                """, "--read", "causal");

        assertThat(out()).isEqualTo("OK\n1\n1\n-1\nOK\n1\n");
        assertThat(code).isZero();
        assertThat(cluster.node().modes())
                .extracting(mode -> mode.getEventual()
                        ? "eventual"
                        : mode.getCausal().getContext().getPositionsList().stream()
                                .map(position -> position.getEpoch() + ":" + position.getSequence())
                                .toList()
                                .toString())
                .containsExactly("[3:91]", "eventual", "[]", "[3:92]");
    }

    @Test
    void aReadThatIsBehindOrLostIsRefused() throws IOException {
        cluster.node().refuse(ErrorCode.ERROR_CODE_CONTEXT_LOST);

        assertThat(run("get", "hello", "READ", "causal")).isEqualTo(ExitCode.REFUSED);
        assertThat(err()).contains("CONTEXT_LOST");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get hello READ strong | a read is linearizable, causal, eventual, not strong; usage: get KEY [READ",
                "get hello READ | the level after READ is missing",
                "pttl hello FAST | unknown option FAST",
                "--read strong get hello | --read: a read is linearizable, causal, eventual, not strong"
            })
    void aReadOfAnUnknownLevelIsWrongUsage(String line, String problem) throws IOException {
        assertThat(run(line.split(" ", -1))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains(problem);
    }

    @Test
    void countersCount() throws IOException {
        script("incr n\nincrby n 41\ndecr n\ndecrby n 11\nincrby n -40\n");

        assertThat(out()).isEqualTo("1\n42\n41\n30\n-10\n");
    }

    @Test
    void casReplacesOnlyTheExpectedValue() throws IOException {
        script("cas a 1 2\nset a 1\ncas a 1 2\ncas a 1 3\nget a\n");

        assertThat(out()).isEqualTo("OK\nOK\n2\n");
        assertThat(err()).isEqualTo("record not found\ncondition not met\n");
    }

    @Test
    void delOfSeveralKeysReportsHowManyExisted() throws IOException {
        script("set a 1\nset b 1\ndel a b c\nset a 1\nset b 1\ndel a b\ndel a b\n");

        assertThat(out()).isEqualTo("OK\nOK\nOK\nOK\nOK\n");
        assertThat(err()).isEqualTo("2 of 3 found\nrecord not found\n");
    }

    @Test
    void binaryValuesArePrintedAsTheyCanBeTyped() throws IOException {
        script("set a \"x\\x00\\xff y\"\nget a\n");

        assertThat(out()).isEqualTo("OK\n\"x\\x00\\xff y\"\n");
    }

    @Test
    void rawValuesArePrintedByteForByteAndNothingElse() throws IOException {
        script("set a \"x\\x00\\xff\"\nget a\nget b\nset a 1 NX\n", "--raw");

        assertThat(out.toString(ISO_8859_1)).isEqualTo("x\0\u00ff");
        assertThat(err()).isEqualTo("record not found\ncondition not met\n");
    }

    @Test
    void rawScansPrintALineForEachRecord() throws IOException {
        script("set a \"x\\xff\"\nscan\nscan KEYS\n", "--raw");

        assertThat(out.toString(ISO_8859_1)).isEqualTo("a x\u00ff\na\n");
    }

    @Test
    void blankLinesAndCommentsAreSkipped() throws IOException {
        script("\n  \n# set a 1\n  # b\nexists a");

        assertThat(out()).isEqualTo("0\n");
    }

    @Test
    void aScriptContinuesAfterAnErrorAndReportsItsLine() throws IOException {
        int code = script("set a\n\nset a 1\nfrobnicate\nget a\n");

        assertThat(out()).isEqualTo("OK\n1\n");
        assertThat(err()).isEqualTo("""
                        error: line 1: VALUE is missing; usage: set KEY VALUE [EX seconds | PX milliseconds | KEEPTTL] [NX | XX]
                        error: line 4: unknown command frobnicate; help lists the commands
                        """);
        assertThat(code).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstCommand() throws IOException {
        assertThat(script("\ufeffset a 1\nget a\n")).isZero();

        assertThat(out()).isEqualTo("OK\n1\n");
    }

    @Test
    void aByteOrderMarkElsewhereIsPartOfAWord() throws IOException {
        script("set a \ufeff1\nget a\n");

        assertThat(out()).isEqualTo("OK\n\"\\xef\\xbb\\xbf1\"\n");
    }

    @Test
    void aLineThatIsTooLongIsRefusedWithItsNumberAndTheLimitAndNotRun() {
        byte[] begin = "set a 1\nset a ".getBytes(UTF_8);
        byte[] end = "\nget a\n".getBytes(UTF_8);
        byte[] script = Arrays.copyOf(begin, begin.length + Script.MAX_LINE_BYTES + end.length);
        Arrays.fill(script, begin.length, script.length - end.length, (byte) 'x');
        System.arraycopy(end, 0, script, script.length - end.length, end.length);

        assertThat(run(script, here())).isEqualTo(ExitCode.USAGE);

        assertThat(out()).isEqualTo("OK\n1\n");
        assertThat(err()).isEqualTo("error: line 2: the line is longer than 83886080 bytes; it was not run\n");
    }

    @Test
    void aScriptKeepsBytesThatAreNotUtf8() {
        byte[] script = "set k\u00e4 1\nset k\u00f6 2\nget k\u00e4\nscan KEYS\n".getBytes(ISO_8859_1);

        assertThat(run(script, here())).isZero();

        assertThat(out().lines()).contains("1", "\"k\\xe4\"", "\"k\\xf6\"");
    }

    /// Every word and every option's value, with and without options before the command.
    @Test
    void anAtSignNamesNoFile(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("me"), "del hello");
        String at = "@" + file;
        run("set", "hello", "1");
        for (List<String> options : List.of(
                List.<String>of(), List.of("--raw"), List.of("--json"), List.of("--timeout", "10s"), List.of("--"))) {
            assertThat(runAll(options, at)).isEqualTo(ExitCode.USAGE);
            assertThat(out() + err()).contains("unknown command");
            assertThat(runAll(options, "set", "x", at)).isZero();
            assertThat(runAll(options, "set", at, "@@x")).isZero();
            assertThat(runAll(options, "get", at)).isZero();
            assertThat(out()).contains("@@x");
            assertThat(runAll(options, "get", "x")).isZero();
            assertThat(out()).contains(at);
        }
        for (String option : List.of("--config", "--zookeeper", "--timeout")) {
            assertThat(run(option, at, "get", "hello")).isEqualTo(ExitCode.USAGE);
            assertThat(err()).contains("@");
        }
        assertThat(run(at, "--json", "get", "hello")).isEqualTo(ExitCode.USAGE);
        assertThat(run("data", at)).isEqualTo(ExitCode.USAGE);
        assertThat(run("data", "verify", at)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains(at);
        assertThat(run("exists", "hello")).isZero();
    }

    private int runAll(List<String> options, String... words) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(words));
        return run("", here(), all.toArray(String[]::new));
    }

    @Test
    void aReaderThatIsGoneEndsTheShellQuietly() {
        Main main = new Main(
                new ByteArrayInputStream("help\nset a 1\n".getBytes(UTF_8)), unwritable("Broken pipe"), err, here());

        assertThat(main.run(ProcessArguments.of())).isEqualTo(ExitCode.READER_GONE);

        assertThat(err()).isEmpty();
        assertThat(run("exists", "a")).isEqualTo(ExitCode.NEGATIVE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "--help", "--version", "--json help", "data --help", "data verify --help"})
    void outputThatCannotBeWrittenHasAnErrorAndAnExitCodeOfItsOwn(String command) {
        Main main = new Main(new ByteArrayInputStream(new byte[0]), unwritable("No space left on device"), err, here());

        assertThat(main.run(ProcessArguments.of(command.split(" ")))).isEqualTo(ExitCode.STREAM_FAILED);

        assertThat(err()).isEqualTo("error: cannot write the output: No space left on device\n");
    }

    private static OutputStream unwritable(String reason) {
        return new ProcessOutput(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException(reason);
                    }
                },
                Path.of("/nonexistent"));
    }

    @Test
    void aScriptEndsAtQuit() throws IOException {
        script("set a 1\nquit\nset a 2\n");

        assertThat(out()).isEqualTo("OK\n");
    }

    @Test
    void aScanListsRecordsAndPrintsACursor() throws IOException {
        script("set a1 x\nset b1 'y z'\nscan a\nscan KEYS PREFIX b\n");

        assertThat(out()).isEqualTo("OK\nOK\na1 x\nb1\n");

        script("set a2 x\nset a3 x\nscan COUNT 1 KEYS\n");
        assertThat(out().lines()).hasSize(3);
        assertThat(err()).matches("\\(more: FROM [0-9]+:[0-9]+\\)\n");
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
        "cluster frobnicate, 2",
        "cluster move-leader x node-1, 2",
        "cluster move-leader 1, 2",
        "cluster drain, 2",
        "cluster undrain node-1 node-2, 2",
        "cluster add, 2",
        "cluster rebalance now, 2",
        "cluster replication-factor 0, 2",
        "cluster reassign 1, 2",
        "help set, 0"
    })
    void theExitCodeOfOneCommandIsThatOfItsResult(String command, int code) throws IOException {
        assertThat(run(command.split(" "))).isEqualTo(code);
        boolean answered = code == ExitCode.SUCCESS || command.startsWith("exists");
        assertThat(answered ? out() : err()).isNotBlank();
        assertThat(answered ? err() : out()).isEmpty();
    }

    @Test
    void aRefusalExitsWithThree() throws IOException {
        run("set", "a", "many");

        assertThat(run("incr", "a")).isEqualTo(ExitCode.REFUSED);
        assertThat(err()).contains("WRONG_VALUE");
    }

    @Test
    void aWriteOfUnknownOutcomeExitsWithFour() throws IOException {
        cluster.node().refuse(ErrorCode.ERROR_CODE_OUTCOME_UNKNOWN);

        assertThat(script("set a 1\nget a\nfoo\n")).isEqualTo(ExitCode.OUTCOME_UNKNOWN);
        assertThat(out()).isEmpty();
        assertThat(err())
                .startsWith("error: line 1: the outcome of this put is unknown")
                .contains("\nrecord not found\n");
    }

    @Test
    void anUnreachableClusterEndsTheScript() throws IOException {
        int code =
                run("get a\nget b\n", Map.of(), "--zookeeper", "127.0.0.1:" + FreePorts.next(), "--timeout", "300ms");

        assertThat(code).isEqualTo(ExitCode.REFUSED);
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
    void jsonHasAnObjectForEachFailure() throws IOException {
        int code = script("foo\n", "--json");

        assertThat(out()).isEqualTo("""
                        {"error":{"code":"USAGE","message":"unknown command foo; help lists the commands","line":1}}
                        """);
        assertThat(code).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void jsonScansPrintALineForEachRecord() throws IOException {
        script("set a 1\nscan\n", "--json");

        assertThat(out()).endsWith("""
                        {"key":"a","value":"1","version":1,"expiresAt":null}
                        {"next":null}
                        """);
    }

    @Test
    void theClusterIsPrintedAsTables() throws IOException {
        run("cluster");

        assertThat(out().lines())
                .contains("4 partitions, all with a leader and only 1 copy each")
                .anyMatch(line -> line.matches("node-1 +in sync +4 +4 +test +127.0.0.1:\\d+ +- +- +-"))
                .anyMatch(line -> line.matches("3 +node-1 +1 +node-1 +node-1 +1 +-"));
    }

    @Test
    void theClusterSaysHowManyCopiesAreInSync() throws Exception {
        for (int id = 0; id < 4; id++) {
            cluster.write("/partitions/" + id, inSync(id, "node-1", "node-2", "node-3"));
        }
        run("cluster");
        assertThat(out().lines()).contains("4 partitions, all with a leader and 3 copies each, all in sync");

        cluster.write("/partitions/0", inSync(0, "node-1", "node-2"));
        run("cluster");
        assertThat(out().lines()).contains("4 partitions, all with a leader and 2 to 3 copies each, all in sync");
    }

    private static PartitionState inSync(int id, String... nodes) {
        return PartitionState.newBuilder()
                .setId(id)
                .setEpoch(1)
                .setMinInSync(1)
                .addAllReplicas(List.of(nodes))
                .setLeader(
                        NodeIncarnation.newBuilder().setNode(FakeCluster.NODE).setIncarnation(FakeCluster.INCARNATION))
                .addAllInSync(List.of(nodes).stream()
                        .map(node -> CopyId.newBuilder()
                                .setNode(node)
                                .setCopy("copy")
                                .build())
                        .toList())
                .build();
    }

    @Test
    void theClusterShowsLaggingAndUnresponsiveNodes() throws Exception {
        cluster.node()
                .describe(leading(FollowerStatus.newBuilder()
                        .setNode("node-2")
                        .setStreaming(true)
                        .setLag(1200)));
        cluster.register("node-2", "start", FreePorts.next());
        cluster.write(
                "/partitions/0",
                PartitionState.newBuilder()
                        .setId(0)
                        .setEpoch(3)
                        .setMinInSync(2)
                        .addAllReplicas(List.of("node-1", "node-2", "node-3"))
                        .setLeader(NodeIncarnation.newBuilder()
                                .setNode(FakeCluster.NODE)
                                .setIncarnation(FakeCluster.INCARNATION))
                        .addInSync(CopyId.newBuilder().setNode("node-1").setCopy("copy"))
                        .build());

        run("cluster");

        assertThat(out().lines())
                .contains("4 partitions, 1 with too few copies in sync to accept writes, 1 with copies not in sync")
                .anyMatch(line -> line.matches("node-2 +no answer +0 +1 +test .*"))
                .anyMatch(line -> line.matches("node-3 +offline +0 +1 +- .*"))
                .anyMatch(
                        line -> line.matches("0 +node-1 +3 +node-1 +node-1,node-2,node-3 +2 +node-2 1200, node-3 \\?"))
                .anyMatch(line -> line.startsWith("node-2 does not answer: Connection refused"));

        run("--json", "cluster");

        assertThat(out())
                .contains("{\"node\":\"node-1\",\"role\":\"leader\",\"inSync\":true,\"logEnd\":1300,"
                        + "\"highWatermark\":1250,\"lag\":0,\"problem\":null}")
                .contains("{\"node\":\"node-2\",\"role\":null,\"inSync\":false,\"logEnd\":null,"
                        + "\"highWatermark\":null,\"lag\":1200,\"problem\":null}")
                .contains("\"state\":\"unresponsive\"");
    }

    private static DescribeNodeResponse leading(FollowerStatus.Builder follower) {
        return DescribeNodeResponse.newBuilder()
                .setNode(FakeCluster.NODE)
                .addCopies(CopyStatus.newBuilder()
                        .setPartition(0)
                        .setRole(CopyRole.COPY_ROLE_LEADER)
                        .setLogEnd(1300)
                        .setHighWatermark(1250)
                        .addFollowers(follower))
                .build();
    }

    @Test
    void aBlockedCopyIsReportedWithItsReason() throws Exception {
        cluster.node()
                .describe(DescribeNodeResponse.newBuilder()
                        .setNode(FakeCluster.NODE)
                        .addCopies(CopyStatus.newBuilder()
                                .setPartition(2)
                                .setRole(CopyRole.COPY_ROLE_FENCED)
                                .setProblem("the disk failed"))
                        .build());

        run("cluster");

        assertThat(out().lines())
                .anyMatch(line -> line.matches("node-1 +impaired .*"))
                .contains("node-1, partition 2: the disk failed");
    }

    @Test
    void theClusterIsPrintedAsJson() throws IOException {
        run("--json", "cluster");

        assertThat(out())
                .contains("\"leader\":\"node-1\"")
                .contains("\"isr\":[\"node-1\"]")
                .hasLineCount(1);
    }

    @Test
    void movingALeaderWaitsUntilTheNodeLeads() throws Exception {
        cluster.register("node-2", "start", FreePorts.next());
        cluster.node().onMove(asked -> {
            assertThat(asked.getPartition()).isEqualTo(3);
            lead(asked.getNode());
        });

        assertThat(run("cluster", "move-leader", "3", "node-2")).isZero();
        assertThat(out()).isEqualTo("OK\n");
    }

    private void lead(String node) {
        try {
            cluster.lead(node, "start", 2);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anImpossibleMoveIsRefusedWithItsReason() throws Exception {
        cluster.node().onMove(_ -> {
            throw CaskadeErrors.of(ErrorCode.ERROR_CODE_INVALID_ARGUMENT, "node node-9 is not registered");
        });

        assertThat(run("cluster", "move-leader", "0", "node-9")).isEqualTo(ExitCode.REFUSED);
        assertThat(err()).isEqualTo("error: node node-9 is not registered\n");
    }

    @Test
    void drainingANodePrintsProgressUntilItIsDone() throws Exception {
        cluster.node()
                .answerDrains(
                        DrainNodeResponse.newBuilder()
                                .addLeading(0)
                                .addRemaining(0)
                                .addRemaining(1)
                                .addUnplaceable(1)
                                .build(),
                        DrainNodeResponse.newBuilder()
                                .addRemaining(1)
                                .addUnplaceable(1)
                                .build());

        assertThat(run("cluster", "drain", "node-3")).isZero();
        assertThat(out()).isEqualTo("OK, but it keeps partition 1: no other node can take a copy\n");
        assertThat(err())
                .isEqualTo("node-3 leads partition 0, keeps partitions 0,1\nnode-3 leads nothing, keeps partition 1\n");
    }

    private static MoveReplicasResponse.Builder move(int partition, String from, String to) {
        return MoveReplicasResponse.newBuilder()
                .addMoves(PartitionMove.newBuilder()
                        .setPartition(partition)
                        .addAllFrom(List.of(from.split(",", -1)))
                        .addAllTo(List.of(to.split(",", -1))));
    }

    private void describeLeader(long takenBytes) {
        cluster.node()
                .describe(DescribeNodeResponse.newBuilder()
                        .setNode(FakeCluster.NODE)
                        .addCopies(CopyStatus.newBuilder()
                                .setPartition(0)
                                .setRole(CopyRole.COPY_ROLE_LEADER)
                                .setTakenBytes(takenBytes))
                        .build());
    }

    @Test
    void aDryRunPrintsThePlanAndChangesNothing() throws Exception {
        describeLeader(3 << 19);
        cluster.node().onMoveReplicas(asked -> {
            assertThat(asked.getDryRun()).isTrue();
            assertThat(asked.getAddNode()).isEqualTo("node-2");
            return move(0, "node-1", "node-2,node-1")
                    .addInProgress(PartitionMove.newBuilder()
                            .setPartition(1)
                            .addFrom("node-1")
                            .addTo("node-1"))
                    .build();
        });

        assertThat(run("cluster", "add", "node-2", "--dry-run")).isZero();
        assertThat(out()).isEqualTo("""
                partition 0: node-1 to node-2,node-1, 1.5 MiB to copy
                partition 1: node-1 to node-1, nothing to copy, in progress
                2 partitions, 1.5 MiB to copy
                """);

        assertThat(run("--json", "cluster", "add", "node-2", "--dry-run")).isZero();
        assertThat(out())
                .isEqualTo("{\"moves\":[{\"partition\":0,\"from\":[\"node-1\"],\"to\":[\"node-2\",\"node-1\"],"
                        + "\"bytes\":1572864,\"inProgress\":false},{\"partition\":1,\"from\":[\"node-1\"],"
                        + "\"to\":[\"node-1\"],\"bytes\":0,\"inProgress\":true}]}\n");
    }

    @Test
    void movingCopiesPrintsThePlanAndWaitsUntilTheyHaveMoved() throws Exception {
        describeLeader(2048);
        cluster.node().onMoveReplicas(asked -> {
            if (!asked.getDryRun()) {
                write("/partitions/0", inSync(0, "node-1", "node-2"));
            }
            return move(0, "node-1", "node-1,node-2").build();
        });

        assertThat(run("cluster", "reassign", "0", "node-1,node-2")).isZero();

        assertThat(out()).isEqualTo("OK\n");
        assertThat(err()).isEqualTo("""
                partition 0: node-1 to node-1,node-2, 2.0 KiB to copy
                1 partition, 2.0 KiB to copy
                partition 0: moved
                """);
    }

    private void write(String path, PartitionState state) {
        try {
            cluster.write(path, state);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void sharedSettingsAreShownAndChanged() throws Exception {
        cluster.node()
                .onSettings(asked -> ShareSettingsResponse.newBuilder()
                        .addSettings(SharedSetting.newBuilder()
                                .setName("cluster.move-rate")
                                .setValue(asked.getName().equals("cluster.move-rate") ? asked.getValue() : "64MiB"))
                        .addSettings(SharedSetting.newBuilder()
                                .setName("cluster.min-insync")
                                .setValue("2")
                                .setFixed("fixed"))
                        .build());

        assertThat(run("cluster", "settings")).isZero();
        assertThat(out().lines())
                .anyMatch(line -> line.matches("cluster.move-rate +64MiB *"))
                .anyMatch(line -> line.matches("cluster.min-insync +2 +fixed"));
        assertThat(run("--json", "cluster", "settings", "cluster.move-rate=1MiB"))
                .isZero();
        assertThat(out()).contains("{\"cluster.move-rate\":\"1MiB\",\"cluster.min-insync\":\"2\"}");
        assertThat(run("cluster", "settings", "cluster.move-rate")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aNodeThatIsRemovedMayBeStoppedOnceItKeepsNothing() throws Exception {
        cluster.node().onMoveReplicas(asked -> {
            assertThat(asked.getRemoveNode()).isEqualTo("node-9");
            return MoveReplicasResponse.getDefaultInstance();
        });

        assertThat(run("cluster", "remove", "node-9")).isZero();

        assertThat(out()).isEqualTo("OK, node-9 keeps nothing and may be stopped\n");
        assertThat(err()).isEqualTo("nothing to move\n");
    }

    @Test
    void whatIsInterruptedGoesOnInTheCluster() throws Exception {
        describeLeader(2048);
        Thread shell = Thread.currentThread();
        AtomicBoolean stored = new AtomicBoolean();
        cluster.node().onMoveReplicas(asked -> {
            stored.set(!asked.getDryRun());
            write(
                    "/partitions/0",
                    inSync(0, "node-1").toBuilder().addTarget("node-2").build());
            return move(0, "node-1", "node-2").build();
        });
        Thread presser = Thread.ofVirtual().start(() -> {
            while (!stored.get()) {
                Thread.onSpinWait();
            }
            shell.interrupt();
        });

        assertThat(run("cluster", "rebalance")).isEqualTo(ExitCode.OUTCOME_UNKNOWN);

        presser.join();
        Thread.interrupted();
        assertThat(err())
                .containsAnyOf(
                        "0 of 1 partition; the cluster goes on without the shell, and the same command shows how far",
                        "interrupted before the cluster has confirmed that it stored the plan; ask again");
    }

    @Test
    void aDrainedNodeIsShownAsDrained() throws Exception {
        cluster.write("/draining/node-1", "");

        run("cluster");

        assertThat(out().lines()).anyMatch(line -> line.matches("node-1 +in sync, draining +4 .*"));
    }

    @Test
    void everyCommandHasHelp() throws IOException {
        run("help");
        String overview = out();

        for (CommandSpec spec : CommandSpec.values()) {
            assertThat(overview).containsPattern("(?m)^" + spec.word() + " ");
            assertThat(run("help", spec.word())).isZero();
            assertThat(out()).startsWith(spec.usage() + "\n");
        }
    }

    @Test
    void aWrongOptionIsReportedInOneLine() throws IOException {
        assertThat(run("--frobnicate", "get", "a")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).hasLineCount(1).contains("--frobnicate").contains("--help");
        assertThat(run("--timeout", "5", "get", "a")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--timeout takes a duration");
        assertThat(run("--zookeeper", "nowhere", "get", "a")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--zookeeper takes host:port");
    }

    @Test
    void configNamesTheSettingsFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("cli.yaml");
        Files.writeString(file, "zookeeper:\n  connect: " + cluster.connectString() + "\n");

        assertThat(run("", Map.of(), "--config", file.toString(), "set", "a", "1"))
                .isZero();
        assertThat(run("", Map.of("CASKADE_CLI_CONFIG", file.toString()), "get", "a"))
                .isZero();
    }

    @Test
    void anErrorInTheSettingsFileIsReportedWithItsLine(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("cli.yaml");
        Files.writeString(file, "request-timeout: 5\n");

        assertThat(run("--config", file.toString(), "get", "a")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("cli.yaml:1: request-timeout");
        assertThat(run("--config", directory.resolve("none").toString(), "get", "a"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("no such file");
    }
}
