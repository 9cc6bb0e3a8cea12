package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ObservationTrackerTest {

    private static final Policy POLICY = new Policy(new ReplicationPolicy(2, 1), 100, true, 50, 30);
    private static final Policy NEVER = new Policy(new ReplicationPolicy(2, 1), 0, true, 50, 30);
    private static final PartitionState LED = PartitionState.withoutLeader(0, List.of("a", "b"), 1)
            .withLeadership(new NodeIncarnation("a", "i"), 1, Set.of(new CopyId("a", "c")));
    private static final ClusterImage WHOLE = ClusterImage.empty(new ClusterSettings("c", 1))
            .with(node("a"))
            .with(node("b"))
            .with(new Versioned<>(LED, 1));

    private final ObservationTracker absences = new ObservationTracker();

    @Test
    void aNodeIsLostOnceItHasBeenGoneForLong() {
        absences.observe(WHOLE, 0);
        absences.observe(WHOLE.without("b"), 10);
        absences.observe(WHOLE.without("b"), 90);

        assertThat(absences.observations(POLICY, 109).lostNodes()).isEmpty();
        assertThat(absences.observations(POLICY, 110).lostNodes()).containsExactly("b");
        assertThat(absences.observations(NEVER, 10_000).lostNodes()).isEmpty();
    }

    @Test
    void aNodeThatJustLeftIsRecentlyLost() {
        absences.observe(WHOLE, 0);
        absences.observe(WHOLE.without("b"), 10);

        assertThat(absences.observations(POLICY, 39).recentlyLostNodes()).containsExactly("b");
        assertThat(absences.observations(POLICY, 40).recentlyLostNodes()).isEmpty();
    }

    @Test
    void aNodeThatComesBackIsGoneAgainWhenItGoesAgain() {
        absences.observe(WHOLE.without("b"), 0);
        absences.observe(WHOLE, 90);
        absences.observe(WHOLE.without("b"), 95);

        assertThat(absences.observations(POLICY, 150).lostNodes()).isEmpty();
    }

    @Test
    void aNodeOfATargetCanBeLostToo() {
        absences.observe(WHOLE.with(new Versioned<>(LED.withTarget(List.of("a", "x")), 2)), 0);

        assertThat(absences.observations(POLICY, 100).lostNodes()).containsExactly("x");
    }

    @Test
    void aPartitionIsStableOnceTheSameProcessHasLedForAWhile() {
        absences.observe(WHOLE, 0);
        assertThat(absences.observations(POLICY, 49).stablePartitions()).isEmpty();
        assertThat(absences.observations(POLICY, 50).stablePartitions()).containsExactly(0);

        absences.observe(
                WHOLE.with(new Versioned<>(LED.withLeadership(new NodeIncarnation("a", "i"), 2, LED.isr()), 2)), 60);
        assertThat(absences.observations(POLICY, 100).stablePartitions()).isEmpty();

        absences.observe(WHOLE.without("a"), 120);
        assertThat(absences.observations(POLICY, 200).stablePartitions()).isEmpty();
    }

    private static NodeInfo node(String id) {
        return new NodeInfo(id, "i", "", null, null, null, null, "test");
    }
}
