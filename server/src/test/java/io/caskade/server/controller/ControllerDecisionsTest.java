package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.List;
import java.util.Set;
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
    void aPartitionWhoseLeaderIsGoneGetsTheFirstRegisteredNodeThatIsInSync() {
        PartitionState led = led("a", Set.of(copy("a"), copy("c")));
        ClusterImage image = cluster(1, "b", "c").with(new Versioned<>(led, 7));

        assertThat(ControllerDecisions.next(image, ONE_COPY))
                .containsExactly(new Decision.ElectLeader(
                        led.withLeadership(new Leader("c", "i"), 4, Set.of(copy("a"), copy("c"))), 7));
    }

    @Test
    void aLeaderOfAnotherProcessOfTheNodeIsGone() {
        PartitionState led = PartitionState.unled(0, List.of("a", "b", "c"), 1)
                .withLeadership(new Leader("a", "before"), 3, Set.of(copy("a")));
        ClusterImage image = cluster(1, "a").with(new Versioned<>(led, 7));

        assertThat(ControllerDecisions.next(image, ONE_COPY))
                .containsExactly(
                        new Decision.ElectLeader(led.withLeadership(new Leader("a", "i"), 4, Set.of(copy("a"))), 7));
    }

    @Test
    void nobodyIsElectedWhoIsNotInSync() {
        PartitionState led = led("a", Set.of(copy("a")));

        assertThat(ControllerDecisions.next(cluster(1, "b", "c").with(new Versioned<>(led, 7)), ONE_COPY))
                .isEmpty();
    }

    @Test
    void aLeaderThatIsRegisteredStays() {
        PartitionState led = led("a", Set.of(copy("a"), copy("b")));

        assertThat(ControllerDecisions.next(cluster(1, "a", "b").with(new Versioned<>(led, 7)), ONE_COPY))
                .isEmpty();
    }

    @Test
    void aPartitionThatHasNotBegunIsLeftToItsPreferredReplica() {
        PartitionState unled = PartitionState.unled(0, List.of("a", "b"), 1);

        assertThat(ControllerDecisions.next(cluster(1, "b").with(new Versioned<>(unled, 0)), ONE_COPY))
                .isEmpty();
    }

    private static PartitionState led(String leader, Set<InSyncCopy> inSync) {
        return PartitionState.unled(0, List.of("a", "b", "c"), 1).withLeadership(new Leader(leader, "i"), 3, inSync);
    }

    private static InSyncCopy copy(String node) {
        return new InSyncCopy(node, "copy-" + node);
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
            case Decision.ElectLeader(PartitionState next, int _) -> throw new AssertionError(next);
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
