package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.heartbeat;
import static io.caskade.server.replica.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What the node's log says of a replica.
class ReplicaLogLinesTest extends ReplicaFixture {

    private long round;

    @Test
    void aLeaderLogsInSyncChangesWithTheirReasonsOnceSettled() {
        Replica b = servingWith(LED_BY_B);
        now += 1500;
        PartitionState alone = LED_BY_B.withIsr(Set.of(COPY_B));
        assertThat(texts(step(b, new Event.Ticked()))).isEmpty();
        assertThat(texts(win(b, alone, 10))).containsExactly("in sync now: b; c left: silent for 1500 ms");

        grantLease(b, C, COPY_C);
        assertThat(texts(win(b, LED_BY_B, 11))).containsExactly("in sync now: b, c; c has caught up");
        assertThat(texts(see(b, LED_BY_B.withSuccessor("c"), 12))).noneMatch(text -> text.startsWith("in sync"));
    }

    @Test
    void aFollowerLogsItsLeaderAndWhetherItIsInSyncOnce() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        PartitionState led = UNLED.withLeadership(A, 4, Set.of(COPY_A, COPY_B));

        assertThat(texts(see(b, led, 10))).containsExactly("follows a in epoch 4, in sync");
        assertThat(texts(see(b, led.withIsr(Set.of(COPY_A, COPY_B, COPY_C)), 11)))
                .isEmpty();
        assertThat(texts(see(b, led.withIsr(Set.of(COPY_A)), 12))).containsExactly("follows a in epoch 4, not in sync");
    }

    @Test
    void aTakeoverIsLoggedWithItsReason() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Event.PeerDisconnected("a"));
        assertThat(texts(receive(b, C, response(COPY_C).logEnd(5))))
                .containsExactly("starting election in epoch 3: leader a disconnected");

        Replica other = follower(LED_BY_A, ONE_EPOCH, 5);
        silence(other);
        now += 500;
        assertThat(texts(step(other, new Event.Ticked())))
                .containsExactly("starting election in epoch 3: leader a silent for 2500 ms");
    }

    @Test
    void anElectionThatIsAbandonedAgainAndAgainIsLoggedOnceUntilTheLeaderIsHeard() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        assertThat(electionAbandoned(b))
                .containsExactly(
                        "starting election in epoch 3: leader a disconnected",
                        "election abandoned, trying again: the partition's state cannot be changed now");
        assertThat(electionAbandoned(b)).isEmpty();
        assertThat(electionAbandoned(b)).isEmpty();

        receive(b, A, heartbeat(2).logEnd(5));
        assertThat(electionAbandoned(b)).hasSize(2);
    }

    /// The state can be read and not be changed.
    private List<String> electionAbandoned(Replica b) {
        List<String> lines = new ArrayList<>();
        now += 600;
        lines.addAll(texts(step(b, new Event.PeerDisconnected("a"))));
        lines.addAll(texts(step(b, new Event.Ticked())));
        lines.addAll(texts(receive(b, C, response(COPY_C).round(++round).logEnd(5))));
        assertThat(b.role()).isEqualTo(new Role.Candidate(3));
        lines.addAll(texts(step(b, new Event.CasNotDone())));
        lines.addAll(texts(see(b, LED_BY_A, 7)));
        return lines;
    }

    @Test
    void aTransferIsLoggedWithItsReason() {
        assertThat(texts(step(servingWith(LED_BY_B), new Event.StopRequested())))
                .containsExactly("transferring leadership to c: its node is shutting down");
        assertThat(texts(see(servingWith(LED_BY_B), LED_BY_B.withSuccessor("c"), 10)))
                .containsExactly("transferring leadership to c: requested");
    }
}
