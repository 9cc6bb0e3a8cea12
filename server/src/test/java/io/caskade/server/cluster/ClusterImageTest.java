package io.caskade.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ClusterImageTest {

    private static final ClusterSettings SETTINGS = new ClusterSettings("c", 4);
    private static final NodeInfo NODE = node("node-1", "i1");

    @Test
    void theLeaderIsFoundWhileItsProcessIsRegistered() {
        ClusterImage image = ClusterImage.empty(SETTINGS).with(NODE).with(ledBy("i1"));

        assertThat(image.leaderOf(0)).contains(NODE);
    }

    @Test
    void anotherProcessOfTheSameNodeIsNotTheLeader() {
        ClusterImage image = ClusterImage.empty(SETTINGS).with(NODE).with(ledBy("earlier"));

        assertThat(image.leaderOf(0)).isEmpty();
    }

    @Test
    void aPartitionThatWasNotCreatedHasNoLeader() {
        assertThat(ClusterImage.empty(SETTINGS).with(NODE).leaderOf(0)).isEmpty();
    }

    @Test
    void anImageCannotListANodeUnderAnotherName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClusterImage(
                        SETTINGS, new TreeMap<>(Map.of("node-2", NODE)), new TreeMap<>(), new TreeSet<>(), null));
    }

    private static Versioned<PartitionState> ledBy(String incarnation) {
        return new Versioned<>(
                PartitionState.withoutLeader(0, List.of("node-1"), 1)
                        .withLeadership(
                                new NodeIncarnation("node-1", incarnation), 1, Set.of(new CopyId("node-1", "c1"))),
                1);
    }

    private static NodeInfo node(String id, String incarnation) {
        return new NodeInfo(id, incarnation, "", null, null, null, null, "test");
    }
}
