package io.caskade.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScaleBenchmarkTest {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aLostNodesPartitionsAreElectedAndItsCopiesReplaced() throws Exception {
        PlanningCost cost = PlanningCost.measure(10, 1_000);

        assertThat(cost.elections()).isEqualTo(100);
        assertThat(cost.replacements()).isEqualTo(300);
        ScaleChart.write(List.of(cost), directory.resolve("charts/scale.png"));
        assertThat(directory.resolve("charts/scale.png")).isNotEmptyFile();
    }

    @Test
    void zooKeeperElectsAllInOneTransaction() throws Exception {
        ZooKeeperTraffic traffic = ZooKeeperTraffic.measure(3, 30, directory);

        assertThat(traffic.elections()).isEqualTo(10);
        assertThat(traffic.transactions()).isEqualTo(1);
        assertThat(traffic.znodeBytes()).isBetween(100L, 2_048L);
        assertThat(traffic.failoverPackets()).isPositive();
    }
}
