package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.heartbeat;
import static io.caskade.server.replica.Messages.opened;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.PartitionState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// How a follower whose node stops leaves the in-sync set first.
class StoppingFollowerTest extends ReplicaFixture {

    @Test
    void stopsOnceTheLeaderHasRemovedItFromTheSet() {
        Replica b = streamingFollower();

        assertThat(step(b, new Event.StopRequested()).sends())
                .containsExactly(sent("a", ack(2).upTo(5).stopping()));
        assertThat(b.role()).isEqualTo(new Role.Follower());
        assertThat(step(b, new Event.Ticked()).readState()).isTrue();

        see(b, LED_BY_A.withIsr(Set.of(COPY_A)), 8);
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void waitsForItsLeaderNoLongerThanAGracePeriod() {
        Replica b = streamingFollower();
        step(b, new Event.StopRequested());
        now += 900;
        receive(b, A, heartbeat(2).sentAt(at()).logEnd(5).highWatermark(5));
        now += 900;
        receive(b, A, heartbeat(2).sentAt(at()).logEnd(5).highWatermark(5));
        assertThat(b.role()).isEqualTo(new Role.Follower());

        now += 200;
        receive(b, A, heartbeat(2).sentAt(at()).logEnd(5).highWatermark(5));
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void doesNotWaitForALostLeaderAndDoesNotTakeOver() {
        Replica b = streamingFollower();
        step(b, new Event.StopRequested());

        assertThat(step(b, new Event.PeerDisconnected("a")).sends()).isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void stopsAtOnceWhereTheSetMayNotShrink() {
        Replica b =
                follower(new PartitionState(0, List.of("a", "b", "c"), A, 2, Set.of(COPY_A, COPY_B), 2), ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));

        step(b, new Event.StopRequested());

        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }
}
