package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ControllerDecisionsTest {

    private static final Placement ONE_COPY = new Placement(1, 1);
    private static final Placement THREE_COPIES = new Placement(3, 2);

    @Test
    void allPartitionsAreCreatedOnTheOneNodeThereIs() {
        assertThat(ControllerDecisions.next(cluster(4, "node-1"), ONE_COPY))
                .extracting(ControllerDecisionsTest::created)
                .containsExactly(
                        PartitionState.unled(0, List.of("node-1"), 1),
                        PartitionState.unled(1, List.of("node-1"), 1),
                        PartitionState.unled(2, List.of("node-1"), 1),
                        PartitionState.unled(3, List.of("node-1"), 1));
    }

    @Test
    void copiesAndPreferredLeadersGoRoundTheNodes() {
        List<Decision> decisions = ControllerDecisions.next(cluster(4, "a", "b", "c", "d"), THREE_COPIES);

        assertThat(decisions)
                .extracting(decision -> created(decision).replicas())
                .containsExactly(
                        List.of("a", "b", "c"), List.of("b", "c", "d"), List.of("c", "d", "a"), List.of("d", "a", "b"));
        assertThat(decisions).allMatch(decision -> created(decision).minInSync() == 2);
    }

    @Test
    void everyNodeGetsAsManyCopiesAndLeadersUpToOne() {
        List<Decision> decisions = ControllerDecisions.next(cluster(1024, "a", "b", "c", "d", "e"), THREE_COPIES);

        assertThat(spread(decisions.stream()
                        .flatMap(decision -> created(decision).replicas().stream())
                        .toList()))
                .isLessThanOrEqualTo(3);
        assertThat(spread(decisions.stream()
                        .map(decision -> created(decision).replicas().getFirst())
                        .toList()))
                .isLessThanOrEqualTo(1);
    }

    @Test
    void nothingIsCreatedWhileThereAreFewerNodesThanCopies() {
        assertThat(ControllerDecisions.next(cluster(4, "a", "b"), THREE_COPIES)).isEmpty();
    }

    @Test
    void onlyWhatIsMissingIsCreated() {
        ClusterImage half = cluster(4, "a")
                .with(new Versioned<>(PartitionState.unled(0, List.of("a"), 1), 3))
                .with(new Versioned<>(PartitionState.unled(2, List.of("a"), 1), 0));

        assertThat(ControllerDecisions.next(half, ONE_COPY))
                .extracting(decision -> created(decision).id())
                .containsExactly(1, 3);
    }

    @Test
    void aClusterThatIsAsItShouldBeNeedsNothing() {
        ClusterImage image = cluster(4, "a");
        for (Decision decision : ControllerDecisions.next(image, ONE_COPY)) {
            image = image.with(new Versioned<>(created(decision), 0));
        }

        assertThat(ControllerDecisions.next(image, ONE_COPY)).isEmpty();
    }

    @Test
    void aPlacementThatNoPartitionCouldSatisfyIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Placement(1, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new Placement(0, 0));
    }

    private static long spread(List<String> nodes) {
        var counts = nodes.stream()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
                .values();
        return counts.stream().mapToLong(Long::longValue).max().orElse(0)
                - counts.stream().mapToLong(Long::longValue).min().orElse(0);
    }

    private static PartitionState created(Decision decision) {
        return switch (decision) {
            case Decision.CreatePartition(PartitionState state) -> state;
        };
    }

    private static ClusterImage cluster(int partitions, String... nodes) {
        ClusterImage image = ClusterImage.empty(new ClusterSettings("c", partitions));
        for (String node : nodes) {
            image = image.with(new NodeInfo(node, "i", "", null, null, null, null, "test"));
        }
        return image;
    }
}
