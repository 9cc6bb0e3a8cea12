package io.caskade.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.KeySlots;
import io.caskade.bench.load.FailureCounts;
import io.caskade.bench.report.Row;
import io.caskade.client.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ClusterReportTest {

    @Test
    void newFiguresReplaceOldOnesAndTheOthersStay() {
        List<Row> old = List.of(row("put-1", 1), row("leader-kill-gap", 500));

        assertThat(OutputOptions.merged(old, List.of(row("put-64", 3), row("put-1", 2))))
                .containsExactly(row("put-1", 2), row("leader-kill-gap", 500), row("put-64", 3));
    }

    @Test
    void goalsAreJudgedNextToThePeersFigures() {
        String tables = ClusterPage.tables(List.of(row("put-64", 38_000), row("rolling-restart-gap", 201)));

        assertThat(tables.lines().filter(line -> line.startsWith("| put-64 ≥")))
                .singleElement()
                .asString()
                .contains("| met ", "RheaKV 16k");
        assertThat(tables).containsPattern("rolling-restart-gap ≤ 200 ms +\\| 201.0 ms +\\| MISSED");
        assertThat(tables).containsPattern("get-1 ≥ 2,800 op/s +\\| – +\\| not measured");
    }

    @Test
    void failuresAreCountedByKindAndUnknownOutcomesApart() {
        FailureCounts failures = new FailureCounts();
        failures.add(new CompletionException(new IllegalStateException("no")));
        failures.add(new IllegalStateException("no"));

        assertThat(failures.definite()).isEqualTo(2);
        assertThat(failures.unknown()).isZero();
        assertThat(failures).hasToString("IllegalStateException 2");
        assertThat(new FailureCounts()).hasToString("none");
    }

    @Test
    void theVictimIsTheControllerIfItLeadsElseTheNodeThatLeadsMost() {
        ClusterView view = view("node-1", "node-2", "node-2");

        assertThat(Availability.victim(view, false)).isEqualTo("node-2");
        assertThat(Availability.victim(view, true)).isEqualTo("node-1");
        assertThat(Availability.victim(view("node-2", "node-2"), true)).isEqualTo("node-2");
    }

    @Test
    void aClusterIsHealthyWhenEveryReplicaIsInSyncAndItsLeaderRuns() {
        assertThat(ClusterWatch.isHealthy(view("node-1", "node-2"))).isTrue();
        assertThat(ClusterWatch.isHealthy(view("node-1", "node-9"))).isFalse();
        assertThat(ClusterWatch.isHealthy(view())).isFalse();
    }

    @Test
    void aSteadyLoadHasAKeyInEachPartition() {
        for (int partition = 0; partition < 7; partition++) {
            assertThat(KeySlots.partitionOf(SteadyLoad.keyIn(partition, 7), 7)).isEqualTo(partition);
        }
    }

    /// A cluster of node-1, which is the controller, and node-2, with a partition for each leader.
    private static ClusterView view(String... leaders) {
        List<String> ids = List.of("node-1", "node-2");
        List<ClusterView.Partition> partitions = new ArrayList<>();
        for (String leader : leaders) {
            partitions.add(new ClusterView.Partition(
                    partitions.size(),
                    ids,
                    Optional.of(new ClusterView.Leader(leader, "first")),
                    1,
                    ids,
                    2,
                    List.of(),
                    Optional.empty()));
        }
        return new ClusterView(
                "cluster",
                Optional.of("node-1"),
                ids.stream().map(ClusterReportTest::node).toList(),
                partitions,
                List.of());
    }

    private static ClusterView.Node node(String id) {
        return new ClusterView.Node(
                id, "first", "test", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static Row row(String workload, double value) {
        return new Row(workload, "caskade", value, "", "");
    }
}
