package io.caskade.server.listener.redis.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.KeySlots;
import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.SessionState;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which node serves which slots.
class SlotMapTest {

    private static List<String> shown(ClusterFixture cluster) {
        return SlotMap.of(cluster.identity()).ranges().stream()
                .map(range ->
                        range.first() + "-" + range.last() + " " + range.owner().id()
                                + range.replicas().stream().map(NodeInfo::id).toList())
                .toList();
    }

    @Test
    void aLeaderServesTheSlotsOfItsPartition() {
        ClusterFixture cluster = new ClusterFixture(3)
                .led(0, "a", "a", "b", "c")
                .led(1, "b", "a", "b", "c")
                .led(2, "c", "b", "c");

        assertThat(shown(cluster)).containsExactly("0-5461 a[b, c]", "5462-10922 b[a, c]", "10923-16383 c[b]");
        assertThat(SlotMap.of(cluster.identity()).isUp()).isTrue();
    }

    @Test
    void partitionsNextToEachOtherAreOneRangeIfTheSameNodesKeepThem() {
        ClusterFixture cluster = new ClusterFixture(4)
                .led(0, "a", "a", "b")
                .led(1, "a", "a", "b")
                .led(2, "a", "a", "c")
                .led(3, "b", "a", "b");

        assertThat(shown(cluster)).containsExactly("0-8191 a[b]", "8192-12287 a[c]", "12288-16383 b[a]");
        assertThat(SlotMap.of(cluster.identity()).ownedRanges())
                .extracting(SlotMap.Range::last)
                .containsExactly(12287, 16383);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100, 1000, 1023, 1024})
    void eachSlotIsInTheRangeOfItsPartition(int partitions) {
        ClusterFixture cluster = new ClusterFixture(partitions);
        for (int partition = 0; partition < partitions; partition++) {
            cluster.led(partition, partition % 2 == 0 ? "a" : "b", "a", "b");
        }
        SlotMap slotMap = SlotMap.of(cluster.identity());

        for (SlotMap.Range range : slotMap.ranges()) {
            IntStream.rangeClosed(range.first(), range.last())
                    .forEach(slot -> assertThat(slotMap.ownerOf(KeySlots.partitionOf(slot, partitions)))
                            .contains(range.owner()));
        }
        assertThat(slotMap.servedSlots()).isEqualTo(KeySlots.COUNT);
        assertThat(slotMap.assignedSlots()).isEqualTo(KeySlots.COUNT);
    }

    @Nested
    class SlotsThatNobodyServes {

        @Test
        void areThoseOfAPartitionWithoutALeader() {
            ClusterFixture cluster =
                    new ClusterFixture(2).led(0, null, "b", "c").led(1, "b", "b", "c");

            assertThat(shown(cluster)).containsExactly("8192-16383 b[c]");
            assertThat(SlotMap.of(cluster.identity()).isUp()).isFalse();
            assertThat(SlotMap.of(cluster.identity()).assignedSlots()).isEqualTo(KeySlots.COUNT);
        }

        @Test
        void areThoseOfALeaderThatIsDead() {
            ClusterFixture cluster = new ClusterFixture(1).led(0, "b", "a", "b").without("b");

            assertThat(shown(cluster)).isEmpty();
        }

        @Test
        void areThoseOfALeaderThatHasStartedAgain() {
            NodeInfo again = new NodeInfo("b", "b-2", "", null, null, new Endpoint("b", 7000), null, "test");
            ClusterFixture cluster = new ClusterFixture(1).led(0, "b", "a", "b").with(again);

            assertThat(shown(cluster)).isEmpty();
        }

        @Test
        void areThoseOfAPartitionThatIsNotCreated() {
            ClusterFixture cluster = new ClusterFixture(2).led(1, "b", "b");

            assertThat(SlotMap.of(cluster.identity()).assignedSlots()).isEqualTo(KeySlots.COUNT / 2);
            assertThat(SlotMap.of(cluster.identity()).isUp()).isFalse();
        }

        @ParameterizedTest
        @EnumSource(
                value = SessionState.class,
                names = {"SUSPENDED", "LOST"})
        void areThisNodesOwnOnceItIsCutOffFromZooKeeperAndFromItsFollowers(SessionState session) {
            ClusterFixture cluster = new ClusterFixture(2)
                    .led(0, "a", "a", "b")
                    .led(1, "b", "a", "b")
                    .session(session)
                    .withoutLease();

            assertThat(shown(cluster)).containsExactly("8192-16383 b[a]");
        }

        @Test
        void areNotThisNodesWhileItWaitsForItsFollowersOnly() {
            ClusterFixture cluster = new ClusterFixture(1).led(0, "a", "a", "b").withoutLease();

            assertThat(shown(cluster)).containsExactly("0-16383 a[b]");
        }

        @Test
        void areNotThisNodesWhileItIsCutOffFromZooKeeperOnly() {
            ClusterFixture cluster = new ClusterFixture(1).led(0, "a", "a", "b").session(SessionState.LOST);

            assertThat(shown(cluster)).containsExactly("0-16383 a[b]");
            assertThat(SlotMap.of(cluster.identity()).isUp())
                    .as("it would not know")
                    .isFalse();
        }
    }

    @Nested
    class ANodeWithoutAListenerForTheRedisProtocol {

        @Test
        void isNotNamed() {
            ClusterFixture cluster =
                    new ClusterFixture(1).led(0, "a", "a", "b", "c").with(ClusterFixture.node("b", null));

            assertThat(shown(cluster)).containsExactly("0-16383 a[c]");
            assertThat(SlotMap.of(cluster.identity()).nodes())
                    .extracting(NodeInfo::id)
                    .containsExactly("a", "c");
        }

        @Test
        void leavesTheSlotsThatItLeadsToItsFirstFollowerThatHasOne() {
            ClusterFixture cluster = new ClusterFixture(1).led(0, "b", "b", "c").with(ClusterFixture.node("b", null));

            assertThat(shown(cluster)).containsExactly("0-16383 c[]");
        }

        @Test
        void leavesThemToAnyNodeOtherwise() {
            ClusterFixture cluster = new ClusterFixture(1).led(0, "b", "b").with(ClusterFixture.node("b", null));

            assertThat(shown(cluster)).containsExactly("0-16383 a[]");
            assertThat(SlotMap.of(cluster.identity("c")).ownerOf(0))
                    .as("another node says the same")
                    .map(NodeInfo::id)
                    .contains("a");
        }
    }

    @Test
    void aNodeKnowsNothingAtFirst() {
        ServerIdentity identity = new ServerIdentity(
                "a", "a-1", "test", Optional::empty, new Membership(() -> SessionState.SUSPENDED, _ -> false), true);
        SlotMap slotMap = SlotMap.of(identity);

        assertThat(slotMap.ranges()).isEmpty();
        assertThat(slotMap.nodes()).isEmpty();
        assertThat(slotMap.isUp()).isFalse();
        assertThat(slotMap.epoch()).isZero();
    }

    @Test
    void theEpochOfANodeIsTheNewestOfThoseItLeadsIn() {
        ClusterFixture cluster =
                new ClusterFixture(3).led(0, "b", "b").led(1, "b", "b").led(2, "a", "a");
        SlotMap slotMap = SlotMap.of(cluster.identity());

        assertThat(slotMap.nodes()).extracting(slotMap::epochOf).containsExactly(5, 4, 0);
        assertThat(slotMap.epoch()).isEqualTo(5);
    }
}
