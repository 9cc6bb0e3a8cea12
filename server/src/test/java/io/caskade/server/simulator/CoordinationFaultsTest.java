package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.ControllerEpoch;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SessionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.simulator.CoordinatorLink.Reach;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What goes wrong on the way to the coordination servers goes wrong as it does with real ones.
class CoordinationFaultsTest {

    private static final long SESSION_TIMEOUT = 1000;
    private static final int MAX_DELAY = 40;

    private final VirtualTimeline timeline = new VirtualTimeline();
    private final CoordinationServers servers = new CoordinationServers(timeline);
    private final Participant first = new Participant(1);
    private final Participant second = new Participant(2);

    /// A process and all that it was told.
    private final class Participant implements Coordinator.Observer, Coordinator.ControllerCandidate {
        private final CoordinatorLink link;
        private final SimulatedCoordinator coordinator;
        private final List<ClusterImage> images = new ArrayList<>();
        private final List<SessionState> sessions = new ArrayList<>();
        private final List<ControllerEpoch> terms = new ArrayList<>();

        Participant(long seed) {
            link = new CoordinatorLink(new Random(seed), MAX_DELAY);
            coordinator = SimulatedCoordinator.connect(
                    timeline, timeline, servers, link, new SimulatedCoordinator.Machine(), SESSION_TIMEOUT);
            coordinator.subscribe(this);
        }

        @Override
        public void imageChanged(ClusterImage image) {
            images.add(image);
        }

        @Override
        public void sessionChanged(SessionState state) {
            sessions.add(state);
        }

        @Override
        public void elected(ControllerEpoch epoch) {
            terms.add(epoch);
        }

        @Override
        public void deposed(ControllerEpoch epoch) {}
    }

    @BeforeEach
    void formTheClusterWithOnePartition() {
        servers.found(new BootstrapData(new ClusterSettings("c", 1), new ClusterSecret(new byte[32])));
        servers.write(0, List.of(new ControllerWrite.CreatePartition(unled(0))));
        timeline.pass(500);
    }

    @Test
    void reorderedImagesNeverShowAnOlderState() {
        for (int version = 0; version < 100; version++) {
            servers.compareAndSet(version, led("a", version + 1));
            timeline.pass(3);
        }
        timeline.pass(500);

        assertThat(first.images)
                .hasSizeLessThan(100)
                .isSortedAccordingTo((one, other) -> Integer.compare(version(one), version(other)));
        assertThat(version(first.images.getLast())).isEqualTo(100);
    }

    @Test
    void anImageMayLagBehindTheStoredState() {
        servers.compareAndSet(0, led("a", 1));
        timeline.pass(1);

        assertThat(version(second.images.getLast())).isZero();
    }

    @Test
    void aSessionCanEndUnnoticedByItsOwner() {
        first.coordinator.register(node("a"));
        timeline.pass(500);

        first.link.set(Reach.CUT);
        timeline.pass(2 * SESSION_TIMEOUT);

        assertThat(servers.view().nodes()).isEmpty();
        assertThat(first.sessions).doesNotContain(SessionState.LOST);
        first.link.set(Reach.OPEN);
        timeline.pass(SESSION_TIMEOUT);
        assertThat(first.sessions).endsWith(SessionState.LOST, SessionState.CONNECTED);
        assertThat(servers.view().nodes()).containsKey("a");
    }

    @Test
    void aWriteWhoseAnswerIsLostIsApplied() {
        first.link.set(Reach.ANSWERS_LOST);

        assertThat(resultOf(first.coordinator.compareAndSet(0, led("a", 1)))).isInstanceOf(CasResult.Unknown.class);
        assertThat(stored().version()).isEqualTo(1);
    }

    @Test
    void aLostWriteIsNotApplied() {
        first.link.set(Reach.CUT);

        assertThat(resultOf(first.coordinator.compareAndSet(0, led("a", 1)))).isInstanceOf(CasResult.Unknown.class);
        assertThat(stored().version()).isZero();
    }

    @Test
    void aWriteMayArriveAfterItsOutcomeWasReportedUnknown() {
        first.link.delayNext(SESSION_TIMEOUT / 2);

        assertThat(resultOf(first.coordinator.compareAndSet(0, led("a", 1)))).isInstanceOf(CasResult.Unknown.class);
        assertThat(stored().version()).isZero();
        timeline.pass(SESSION_TIMEOUT / 2);
        assertThat(stored().version()).isEqualTo(1);
    }

    @Test
    void requestsOfAnEndedSessionAreNotCarriedOut() {
        first.link.delayNext(50);
        CompletionStage<CasResult> write = first.coordinator.compareAndSet(0, led("a", 1));
        first.coordinator.expireSession();

        assertThat(resultOf(write)).isInstanceOf(CasResult.Unknown.class);
        assertThat(stored().version()).isZero();
    }

    @Test
    void theNextCandidateIsElectedWhenTheFirstSessionEnds() {
        first.coordinator.joinControllerElection("a", first);
        timeline.pass(500);
        second.coordinator.joinControllerElection("b", second);
        timeline.pass(500);
        assertThat(second.terms).isEmpty();

        first.coordinator.expireSession();
        timeline.pass(SESSION_TIMEOUT);

        assertThat(second.terms).hasSize(1);
        assertThat(servers.write(first.terms.getFirst().value(), List.of()))
                .isEqualTo(new ControllerWriteResult.Deposed());
    }

    private Versioned<PartitionState> stored() {
        return Objects.requireNonNull(servers.read(0));
    }

    private CasResult resultOf(CompletionStage<CasResult> stage) {
        AtomicReference<CasResult> result = new AtomicReference<>();
        CompletionStage<Void> _ = stage.thenAccept(result::set);
        for (int i = 0; i < SESSION_TIMEOUT && result.get() == null; i++) {
            timeline.pass(1);
        }
        return result.get();
    }

    private static int version(ClusterImage image) {
        return image.partition(0).map(Versioned::version).orElse(-1);
    }

    private static NodeInfo node(String id) {
        return new NodeInfo(id, "i", "", null, null, null, null, "test");
    }

    private static PartitionState unled(int id) {
        return PartitionState.withoutLeader(id, List.of("a", "b"), 1);
    }

    private static PartitionState led(String node, int epoch) {
        return unled(0).withLeadership(new NodeIncarnation(node, "i"), epoch, Set.of(new CopyId(node, "copy")));
    }
}
