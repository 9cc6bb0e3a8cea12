package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.record.EpochHistory;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// When copies lead that cannot prove that they have everything they acknowledged.
class UnprovenCopyTest extends ReplicaFixture {

    @Test
    void whenAllInSyncAreUnprovenTheLongestLogLeadsAndWarns() {
        Replica b = unproven(5);
        silence(b);

        Effects claim = receive(b, A, response(UNPROVEN_A).logEnd(4));

        assertThat(claim.stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(UNPROVEN_B)), 7));
        assertThat(claim.notes())
                .anyMatch(note ->
                        note.level() == Effects.Level.WARN && note.text().contains("may be lost"));
    }

    /// It begins the epoch after that of the copy it was made of.
    @Test
    void aSalvagedCopyLeadsOnceNoWholeOneIsLeft() {
        Replica b = unproven(EpochHistory.EMPTY.with(3, 1), 5);
        assertThat(b.blockedReason()).isNull();
        silence(b);

        Effects claim = receive(b, A, response(UNPROVEN_A).logEnd(4));

        assertThat(claim.stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 4, Set.of(UNPROVEN_B)), 7));
    }

    @Test
    void aCopyThatIsSeveralEpochsAheadWaitsForAnOperator() {
        Replica b = unproven(EpochHistory.EMPTY.with(4, 1), 5);

        assertThat(b.blockedReason()).contains("ZooKeeper knows of epoch 2 only");
    }

    @Test
    void anUnprovenCopyDefersToALongerLogForAWhile() {
        Replica b = unproven(5);
        silence(b);

        receive(b, A, response(UNPROVEN_A).logEnd(9));

        assertThat(b.role()).isEqualTo(new Role.Follower());
    }

    @Test
    void anUnprovenCopyWaitsForOneThatMayHaveEverything() {
        Replica b = unproven(5);
        silence(b);
        receive(b, C, response(COPY_C).logEnd(4));
        now += 600;
        step(b, new Event.Ticked());
        now += 600;
        step(b, new Event.Ticked());
        assertThat(b.role()).isEqualTo(new Role.Follower());

        receive(b, A, response(COPY_A).round(2).logEnd(4));
        assertThat(b.role()).isEqualTo(new Role.Follower());
    }
}
