package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// When a follower takes over from a leader that is silent or disconnected.
class FailureDetectionTest extends ReplicaFixture {

    @Test
    void aFollowerTakesOverWhenNoReplicaHearsTheLeader() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);

        Effects asks = silence(b);
        assertThat(asks.sends()).contains(new Effects.Send("c", new Message.PreVoteRequest(2, 1)));
        receive(b, C, response(COPY_C).logEnd(5));
        now += 600;

        assertThat(step(b, new Event.Ticked()).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B)), 7));
    }

    @Test
    void aFollowerDoesNotTakeOverFromALeaderThatAnotherReplicaHears() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);

        silence(b);
        receive(b, C, response(COPY_C).hearsLeader().logEnd(5));
        now += 600;

        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
    }

    @Test
    void aFollowerDoesNotWaitForTheAnswerOfALeaderWhoseConnectionBroke() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);

        assertThat(step(b, new Event.PeerDisconnected("a")).sends())
                .contains(new Effects.Send("c", new Message.PreVoteRequest(2, 1)));

        assertThat(receive(b, C, response(COPY_C).logEnd(5)).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B)), 7));
    }

    @Test
    void aFollowerDoesNotWaitForAnotherThatIsDisconnectedToo() {
        Replica b = follower(LED_BY_A.withReplicas(List.of("a", "b", "c", "d")), ONE_EPOCH, 5);
        step(b, new Event.PeerDisconnected("d"));
        step(b, new Event.PeerDisconnected("a"));

        assertThat(receive(b, C, response(COPY_C).logEnd(5)).stateWrite()).isPresent();
    }

    @Test
    void aFollowerWaitsForAnotherThatHasSentSomethingSinceItWasDisconnected() {
        Replica b = follower(LED_BY_A.withReplicas(List.of("a", "b", "c", "d")), ONE_EPOCH, 5);
        step(b, new Event.PeerDisconnected("d"));
        receive(b, D, new Message.PreVoteRequest(2, 1));
        step(b, new Event.PeerDisconnected("a"));

        assertThat(receive(b, C, response(COPY_C).logEnd(5)).stateWrite()).isEmpty();
    }

    @Test
    void aFollowerWithoutAnyAnswerGivesItsLeaderTimeToReconnect() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Event.PeerDisconnected("a"));
        step(b, new Event.PeerDisconnected("c"));

        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        now += 500;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isPresent();
    }

    @Test
    void aFollowerAsksAgainAtOnceWhenAReplicaThatHeardTheLeaderAsksToo() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Event.PeerDisconnected("a"));
        receive(b, C, response(COPY_C).hearsLeader().logEnd(5));

        assertThat(receive(b, C, new Message.PreVoteRequest(2, 1)).sends())
                .contains(new Effects.Send("c", new Message.PreVoteRequest(2, 2)));
        assertThat(receive(b, C, new Message.PreVoteRequest(2, 2)).sends())
                .noneMatch(send -> send.message() instanceof Message.PreVoteRequest);
        assertThat(receive(b, C, response(COPY_C).round(2).logEnd(5)).stateWrite())
                .isPresent();
    }
}
