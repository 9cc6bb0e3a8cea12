package io.caskade.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caskade.bench.process.EtcdServers;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcdPeerTest {

    private static final PrintStream NOWHERE = new PrintStream(PrintStream.nullOutputStream());

    @TempDir
    private Path parent = Path.of("");

    @Test
    void membersAreLoadedAndEnded() throws Exception {
        assumeTrue(EtcdServers.areInstalled(), "skipped: there is no etcd on the PATH to compare with");
        List<Long> pids;
        try (EtcdServers etcd = EtcdServers.start(parent, 3)) {
            pids = etcd.pids();
            Contender contender = new Contenders(new Records(50, 100), NOWHERE).etcd(etcd);
            contender.fill();
            for (boolean puts : new boolean[] {true, false}) {
                LoadFigures figures = new LoadMeter(Duration.ZERO, Duration.ofSeconds(1))
                        .measureClosed(contender, puts, new LoadShape(8, 1), 1);
                assertThat(figures.failures()).hasToString("none");
                assertThat(figures.perSecond()).isPositive();
            }
        }

        assertThat(pids).hasSize(3).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        assertThat(parent).isEmptyDirectory();
    }
}
