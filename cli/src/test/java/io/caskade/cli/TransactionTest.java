package io.caskade.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.cli.output.ExitCode;
import io.caskade.client.FakeCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `multi`, `exec` and `discard`: writes that are done together.
class TransactionTest {

    private FakeCluster cluster;
    private TestShell shell;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(4);
        shell = new TestShell(cluster.connectString());
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void whatIsQueuedIsDoneByExecInOneCall() {
        int code = shell.script("""
                multi
                set {t}a 1 EX 100
                incrby {t}n 5
                decr {t}n
                del {t}gone
                exec
                """);

        assertThat(shell.out()).isEqualTo("OK\nQUEUED\nQUEUED\nQUEUED\nQUEUED\nOK\n5\n4\n");
        assertThat(shell.err()).isEqualTo("record not found\n");
        assertThat(code).isZero();
        assertThat(cluster.node().calls()).isEqualTo(1);
        assertThat(cluster.node().record("{t}a").orElseThrow().getExpiresAtMs()).isPositive();
    }

    @Test
    void everyWriteOfTheShellCanBeQueued() {
        shell.script("""
                mset {t}a 1 {t}b 2 {t}c 3
                multi
                mset {t}d 4 {t}e 5
                expire {t}a 100
                pexpire {t}b 5000
                persist {t}a
                cas {t}c 3 33
                cas {t}c 3 34
                set {t}c 0 NX
                del {t}d {t}e {t}f
                incr {t}n
                exec
                get {t}c
                """);

        assertThat(shell.out()).isEqualTo("OK\nOK\n" + "QUEUED\n".repeat(9) + "OK\nOK\nOK\nOK\nOK\n1\n33\n");
        assertThat(shell.err()).isEqualTo("condition not met\ncondition not met\n2 of 3 found\n");
    }

    @Test
    void nothingIsDoneBeforeExec() {
        assertThat(shell.script("multi\nset a 1\n")).isEqualTo(ExitCode.USAGE);

        assertThat(shell.err())
                .contains("the script ends without exec: nothing was done of the 1 commands since multi");
        assertThat(cluster.node().calls()).isZero();
    }

    @Test
    void discardForgetsWhatWasQueued() {
        assertThat(shell.script("multi\nset a 1\ndiscard\nget a\n")).isZero();

        assertThat(shell.out()).isEqualTo("OK\nQUEUED\nOK\n");
        assertThat(shell.err()).isEqualTo("record not found\n");
    }

    @Test
    void keysOfSeveralPartitionsAreRefusedWithTheirPartitions() {
        int code = shell.script("multi\nset a 1\nset b 2\nexec\nget a\n");

        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(shell.err())
                .startsWith(
                        "error: line 4: the keys must be of one partition, but b is of partition 0, a is of partition 3;"
                                + " keys with the same {hash tag} are of one. Nothing was done\n")
                .endsWith("record not found\n");
    }

    @Test
    void aCommandThatIsRefusedSpoilsTheTransaction() {
        int code = shell.script("multi\nset a 1\nset a\nexec\nget a\n");

        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(shell.err())
                .contains("line 3: VALUE is missing")
                .contains("line 4: a command was refused since multi, so nothing of it was done");
        assertThat(cluster.node().record("a")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"get a", "mget a", "append a b", "getex a EX 5", "keys *", "scan", "cluster", "exists a"})
    void onlyWritesAreQueued(String read) {
        assertThat(shell.script("multi\n" + read + "\ndiscard\n")).isEqualTo(ExitCode.USAGE);
        assertThat(shell.err()).contains("only writes are queued between multi and exec; help multi lists them");
    }

    @Test
    void aValueThatDoesNotFitChangesNothingForTheOthers() {
        int code = shell.script("set {t}a many\nmulti\nincr {t}a\nset {t}b 1\nexec\nget {t}b\n");

        assertThat(shell.out()).isEqualTo("OK\nOK\nQUEUED\nQUEUED\nOK\n1\n");
        assertThat(shell.err()).isEqualTo("error: {t}a: the value is not a 64-bit decimal number\n");
        assertThat(code).isEqualTo(ExitCode.REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec", "discard", "multi\nmulti"})
    void eachHasItsPlace(String script) {
        assertThat(shell.script(script + "\n")).isEqualTo(ExitCode.USAGE);
        assertThat(shell.err()).containsAnyOf("exec without multi", "discard without multi", "multi cannot be nested");
    }

    @Test
    void anEmptyTransactionIsNothing() {
        assertThat(shell.script("multi\nexec\n")).isZero();
        assertThat(shell.out()).isEqualTo("OK\n");
    }

    @Test
    void anotherCommandRunsAfterATransactionThatFailed() {
        shell.script("multi\nset a 1\nset b 1\nexec\nset a 2\nget a\n");

        assertThat(shell.out()).isEqualTo("OK\nQUEUED\nQUEUED\nOK\n2\n");
    }

    @Test
    void jsonHasOneObjectWithAllResults() {
        shell.script("multi\nset {t}a 1\nincr {t}n\nset {t}n 1 NX\nmset {t}b 1 {t}c 2\nexec\n", "--json");

        assertThat(shell.out()).isEqualTo("""
                {"accepted":true}
                {"queued":true}
                {"queued":true}
                {"queued":true}
                {"queued":true}
                {"results":[{"key":"{t}a","applied":true,"version":1},{"key":"{t}n","value":1,"version":2},\
                {"key":"{t}n","applied":false},{"applied":true,"keys":2}]}
                """);
    }
}
