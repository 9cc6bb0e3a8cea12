package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.SOME_BATCHES;
import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.heartbeat;
import static io.caskade.server.replica.Messages.open;
import static io.caskade.server.replica.Messages.opened;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.NodeIncarnation;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A leader's streams to its followers, and which acknowledgements count.
class LeaderStreamsTest extends ReplicaFixture {

    @Test
    void aStreamIsOpenedOnlyOnceTheMarkOfTheEpochIsInTheLog() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        see(b, LED_BY_B, 8);
        assertThat(receive(b, C, open(3, COPY_C).epochs(ONE_EPOCH).logEnd(5)).sends())
                .isEmpty();

        step(b, new Event.TurnEnded());
        assertThat(step(b, new Event.Appended()).sends())
                .contains(sent("c", opened(3).divergencePoint(5).epochs(ONE_EPOCH.with(3, 6))));
    }

    @Test
    void aStreamRequestedBeforeTheLeaderKnowsThatItLeadsIsOpenedOnceItDoes() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, C, open(3, COPY_C).epochs(ONE_EPOCH).logEnd(5));
        see(b, LED_BY_B, 8);
        step(b, new Event.TurnEnded());

        assertThat(step(b, new Event.Appended()).sends())
                .contains(sent("c", opened(3).divergencePoint(5).epochs(ONE_EPOCH.with(3, 6))));
        assertThat(step(b, new Event.Ticked()).sends())
                .noneMatch(send -> send.message() instanceof Message.StreamOpened);
    }

    @Test
    void aFollowerThatRequestsAStreamIsSentAHeartbeatAtOnce() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        see(b, LED_BY_B, 8);
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());

        assertThat(receive(b, C, open(3, COPY_C).epochs(ONE_EPOCH).logEnd(5)).sends())
                .contains(sent("c", heartbeat(3).sentAt(at()).logEnd(6).highWatermark(3)));
    }

    @Test
    void acknowledgementsOfAnotherStreamOrEpochDoNotCount() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);
        follow(b, A, COPY_A, 2, 5);

        assertThat(receive(b, A, ack(3).upTo(6)).sends())
                .contains(new Effects.Send("a", new Message.StreamClosed(3, 1)));
        receive(b, new NodeIncarnation("a", "a-0"), ack(3).stream(2).upTo(6));
        receive(b, A, ack(2).stream(2).upTo(6));
        assertThat(b.role()).isInstanceOf(Role.PendingLeader.class);

        receive(b, A, ack(3).stream(2).upTo(6));
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
    }

    @Test
    void aLeaderWhoseLogHasGapsTellsItsFollowersWhereTheyEnd() {
        ReplicaOptions options = options().build();
        Replica b = new Replica(
                options,
                RecoveredCopy.builder()
                        .epochs(ONE_EPOCH)
                        .logEnd(5)
                        .highWatermark(5)
                        .completeAt(4)
                        .build());
        see(b, LED_BY_A, 7);
        lead(b, 3, Set.of(COPY_B), 8);
        follow(b, C, COPY_C, 1, 2);

        Effects.SendRecords send = receive(b, C, ack(3).upTo(2)).sendRecords().getFirst();

        assertThat(send.message(5, 0, 0, SOME_BATCHES).completeAt()).isEqualTo(4);
    }
}
