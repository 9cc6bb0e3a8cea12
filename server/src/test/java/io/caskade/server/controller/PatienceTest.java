package io.caskade.server.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final Policy POLICY = new Policy(new Placement(2, 1), 100, true, 50, 30);
    private static final Policy NEVER = new Policy(new Placement(2, 1), 0, true, 50, 30);
    private static final PartitionState LED = PartitionState.unled(0, List.of("a", "b"), 1)
            .withLeadership(new Leader("a", "i"), 1, Set.of(new InSyncCopy("a", "c")));
    private static final ClusterImage WHOLE = ClusterImage.empty(new ClusterSettings("c", 1))
            .with(node("a"))
            .with(node("b"))
            .with(new Versioned<>(LED, 1));

    private final Patience patience = new Patience();

    @Test
    void aNodeIsLostOnceItHasBeenGoneForLong() {
        patience.see(WHOLE, 0);
        patience.see(WHOLE.without("b"), 10);
        patience.see(WHOLE.without("b"), 90);

        assertThat(patience.observed(POLICY, 109).lost()).isEmpty();
        assertThat(patience.observed(POLICY, 110).lost()).containsExactly("b");
        assertThat(patience.observed(NEVER, 10_000).lost()).isEmpty();
    }

    @Test
    void aNodeIsMissedForAMomentAfterItHasGone() {
        patience.see(WHOLE, 0);
        patience.see(WHOLE.without("b"), 10);

        assertThat(patience.observed(POLICY, 39).missed()).containsExactly("b");
        assertThat(patience.observed(POLICY, 40).missed()).isEmpty();
    }

    @Test
    void aNodeThatComesBackIsGoneAnewWhenItGoesAgain() {
        patience.see(WHOLE.without("b"), 0);
        patience.see(WHOLE, 90);
        patience.see(WHOLE.without("b"), 95);

        assertThat(patience.observed(POLICY, 150).lost()).isEmpty();
    }

    @Test
    void aNodeThatIsOnlyToKeepACopyCanBeLostToo() {
        patience.see(WHOLE.with(new Versioned<>(LED.withTarget(List.of("a", "x")), 2)), 0);

        assertThat(patience.observed(POLICY, 100).lost()).containsExactly("x");
    }

    @Test
    void aPartitionIsCalmOnceTheSameProcessHasLedForAWhile() {
        patience.see(WHOLE, 0);
        assertThat(patience.observed(POLICY, 49).calm()).isEmpty();
        assertThat(patience.observed(POLICY, 50).calm()).containsExactly(0);

        patience.see(WHOLE.with(new Versioned<>(LED.withLeadership(new Leader("a", "i"), 2, LED.inSync()), 2)), 60);
        assertThat(patience.observed(POLICY, 100).calm()).isEmpty();

        patience.see(WHOLE.without("a"), 120);
        assertThat(patience.observed(POLICY, 200).calm()).isEmpty();
    }

    private static NodeInfo node(String id) {
        return new NodeInfo(id, "i", "", null, null, null, null, "test");
    }
}
