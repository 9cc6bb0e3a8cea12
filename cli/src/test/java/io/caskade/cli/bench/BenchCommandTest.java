package io.caskade.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.v1.ErrorCode;
import io.caskade.cli.LiveNode;
import io.caskade.cli.TestShell;
import io.caskade.cli.output.ExitCode;
import io.caskade.client.FakeCluster;
import io.caskade.testing.FreePorts;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `caskade bench`: runs so short that they measure nothing, and show that it counts, prints and cleans up.
class BenchCommandTest {

    @Test
    void everyProtocolIsMeasuredAndTheKeysAreRemoved(@TempDir Path directory) throws Exception {
        try (LiveNode node = LiveNode.start(directory)) {
            TestShell shell = node.shell();

            int code = shell.run(
                    "bench",
                    "-n",
                    "203",
                    "-c",
                    "3",
                    "-P",
                    "4",
                    "-r",
                    "20",
                    "-d",
                    "8",
                    "--warm-up",
                    "50ms",
                    "--workload",
                    "put,get,mix");

            assertThat(shell.err()).isEmpty();
            assertThat(code).isZero();
            assertThat(shell.out().lines())
                    .hasSize(10)
                    .first()
                    .asString()
                    .matches("PROTOCOL +WORKLOAD +REQUESTS +REQUESTS/S +P50 MS +P99 MS +P99.9 MS +MAX MS +ERRORS");
            for (String protocol : new String[] {"grpc", "redis", "http"}) {
                for (String workload : new String[] {"put", "get", "mix"}) {
                    assertThat(shell.out())
                            .containsPattern("(?m)^" + protocol + " +" + workload
                                    + " +203 +[\\d,]+ +[\\d.]+ +[\\d.]+ +[\\d.]+ +[\\d.]+ +0$");
                }
            }
            shell.run("keys", "*");
            assertThat(shell.out()).isEmpty();
        }
    }

    @Nested
    class OverGrpcAlone {

        private TestShell shell(FakeCluster cluster) {
            return new TestShell(cluster.connectString());
        }

        @Test
        void jsonHasAnObjectForEachWorkload() throws Exception {
            try (FakeCluster cluster = new FakeCluster(2)) {
                TestShell shell = shell(cluster);

                int code = shell.run(
                        "--json",
                        "bench",
                        "--protocol",
                        "grpc",
                        "--requests",
                        "10",
                        "--keys",
                        "5",
                        "--clients",
                        "2",
                        "--warm-up",
                        "0ms");

                assertThat(code).isZero();
                assertThat(shell.out().lines())
                        .hasSize(2)
                        .allMatch(line -> line.startsWith("{\"protocol\":\"grpc\",\"workload\":\"")
                                && line.contains("\"requests\":10,")
                                && line.endsWith("\"errors\":0,\"failures\":{},\"finished\":true}"));
                // Five keys are written, ten requests of each kind are sent, and five keys are removed.
                assertThat(cluster.node().calls()).isEqualTo(30);
            }
        }

        @Test
        void requestsThatFailAreCountedByTheReason() throws Exception {
            try (FakeCluster cluster = new FakeCluster(1)) {
                cluster.node()
                        .refuse(Collections.nCopies(3, ErrorCode.ERROR_CODE_INVALID_ARGUMENT)
                                .toArray(ErrorCode[]::new));
                TestShell shell = shell(cluster);

                int code = shell.run(
                        "bench",
                        "--protocol",
                        "GRPC",
                        "--workload",
                        "put",
                        "-n",
                        "10",
                        "-c",
                        "1",
                        "-r",
                        "5",
                        "--warm-up",
                        "0ms");

                assertThat(code).isEqualTo(ExitCode.NEGATIVE);
                assertThat(shell.out())
                        .containsPattern("grpc +put +7 .* 3\n")
                        .contains("grpc put errors: 3 INVALID_ARGUMENT\n");
            }
        }

        @Test
        void aDurationEndsIt() throws Exception {
            try (FakeCluster cluster = new FakeCluster(1)) {
                TestShell shell = shell(cluster);

                assertThat(shell.run(
                                "bench",
                                "--protocol",
                                "grpc",
                                "--workload",
                                "mix",
                                "--duration",
                                "200ms",
                                "-c",
                                "2",
                                "-r",
                                "5",
                                "--warm-up",
                                "0ms"))
                        .isZero();

                assertThat(shell.out()).containsPattern("grpc +mix +[1-9]\\d* ");
            }
        }

        @Test
        void anInterruptEndsItWithWhatWasMeasured() throws Exception {
            try (FakeCluster cluster = new FakeCluster(1)) {
                TestShell shell = shell(cluster);
                Thread running = Thread.currentThread();
                Thread presser = Thread.ofVirtual().start(() -> {
                    while (cluster.node().calls() < 100) {
                        Thread.onSpinWait();
                    }
                    running.interrupt();
                });

                int code = shell.run(
                        "bench",
                        "--protocol",
                        "grpc",
                        "--workload",
                        "put,get",
                        "--duration",
                        "1h",
                        "-c",
                        "2",
                        "-r",
                        "5",
                        "--warm-up",
                        "0ms");
                presser.join();
                Thread.interrupted();

                assertThat(code).isEqualTo(ExitCode.INTERRUPTED);
                assertThat(shell.out())
                        .containsPattern("grpc +put +[1-9]\\d* ")
                        .endsWith("grpc put was interrupted\n")
                        .doesNotContain("grpc  get", "errors:");
                shell.run("keys", "*");
                assertThat(shell.out()).isEmpty();
            }
        }

        @Test
        void aProtocolThatNoNodeOffersIsNamed() throws Exception {
            try (FakeCluster cluster = new FakeCluster(1)) {
                TestShell shell = shell(cluster);

                assertThat(shell.run(
                                "bench",
                                "--protocol",
                                "grpc,http",
                                "--workload",
                                "put",
                                "-n",
                                "5",
                                "-c",
                                "1",
                                "--warm-up",
                                "0ms"))
                        .isEqualTo(ExitCode.REFUSED);

                assertThat(shell.err()).isEqualTo("error: no node listens for http; leave it out with --protocol\n");
                assertThat(shell.out()).containsPattern("grpc +put +5 ");
            }
        }

        @Test
        void aClusterThatIsNotThereIsReported() {
            TestShell shell = new TestShell("127.0.0.1:" + FreePorts.next());

            assertThat(shell.run("--timeout", "300ms", "bench", "-n", "5")).isEqualTo(ExitCode.REFUSED);
            assertThat(shell.err()).contains("no ZooKeeper answers");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--requests 0, --requests takes at least 1",
        "--clients 0, --clients takes 1 to 10000",
        "--in-flight 0, --in-flight takes 1 to 10000",
        "--value-size -1, --value-size takes 0",
        "--keys 0, --keys takes 1",
        "--duration 5, --duration takes a duration",
        "--protocol smtp, smtp",
        "--workload scan, scan",
        "--frobnicate, caskade bench --help says more"
    })
    void wrongUsageIsExplained(String options, String problem) {
        TestShell shell = new TestShell("127.0.0.1:1");
        String[] arguments = ("bench " + options).split(" ", -1);

        assertThat(shell.run(arguments)).as(Arrays.toString(arguments)).isEqualTo(ExitCode.USAGE);
        assertThat(shell.err()).contains(problem);
    }
}
