package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.heartbeat;
import static io.caskade.server.replica.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/// From an election until the leader serves.
class NewLeaderTest extends ReplicaFixture {

    @Test
    void aNewLeaderRemovesNoCopyBeforeOlderLeasesHaveEnded() {
        Replica b = followerThatHearsItsLeaderNow();
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);

        now += TIMEOUTS.grant();
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        assertThat(b.role()).isInstanceOf(Role.PendingLeader.class);
        now += 1;
        assertThat(step(b, new Event.Ticked()).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_B)), 8));
    }

    /// Its last heartbeat counts, not the election 900 ms later.
    @Test
    void aLeaderThatWasFoundSilentIsRemovedAsSoonAsOlderLeasesHaveEnded() {
        Replica b = candidateWhoseLeaderWasHeardNow();
        now += 900;
        long wakeAfter = win(b).wakeAfterMillis().orElseThrow();

        now += wakeAfter - 1;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        now += 1;
        assertThat(step(b, new Event.Woken()).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_B)), 8));
    }

    @Test
    void aLeaderThatIsHeardDuringTheElectionGetsNoLeaseAndIsNotTakenForSilent() {
        Replica b = candidateWhoseLeaderWasHeardNow();
        now += 900;
        assertThat(receive(b, A, heartbeat(2).logEnd(5).highWatermark(5)).sends())
                .isEmpty();
        win(b);

        now += 999;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        now += 1;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isPresent();
    }

    @Test
    void aCopyThatIsGivenTheLeadTakesNoneForSilentWithinALease() {
        Replica b = followerThatHearsItsLeaderNow();
        now += 900;
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);

        now += 999;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        now += 1;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isPresent();
    }

    @Test
    void aNewLeaderServesOnceAllInSyncHaveItsMark() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, heartbeat(2).logEnd(5).highWatermark(5));
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);

        follow(b, A, COPY_A, 1, 5);
        receive(b, A, ack(3).upTo(6));

        assertThat(b.role()).isEqualTo(new Role.Leader(3));
    }

    @Test
    void recordsOfOlderEpochsAreCommittedOnlyWithTheNewLeadersMark() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);
        follow(b, A, COPY_A, 1, 9);

        assertThat(receive(b, A, ack(3).upTo(5)).commit()).isEmpty();
        assertThat(receive(b, A, ack(3).upTo(6)).commit()).hasValue(6);
    }

    @Test
    void aNewIncarnationAssumesThatItsPredecessorHasGrantedALease() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);

        now += 1500;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        now += 600;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isPresent();
    }

    @Test
    void aNewIncarnationWaitsOutTheLongerGraceOfItsPredecessor() {
        Replica b = new Replica(
                options().formerGrace(6000).build(),
                RecoveredCopy.builder()
                        .epochs(ONE_EPOCH)
                        .logEnd(5)
                        .highWatermark(3)
                        .build());
        see(b, LED_BY_A, 7);
        receive(b, A, heartbeat(2).logEnd(5).highWatermark(5));
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);

        now += 5900;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        now += 200;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isPresent();
    }

    /// Any lease of before its process began has ended.
    private Replica followerThatHearsItsLeaderNow() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        now += 10_000;
        receive(b, A, heartbeat(2).logEnd(5).highWatermark(5));
        return b;
    }

    private Replica candidateWhoseLeaderWasHeardNow() {
        Replica b = followerThatHearsItsLeaderNow();
        step(b, new Event.PeerDisconnected("a"));
        receive(b, C, response(COPY_C).logEnd(5));
        assertThat(b.role()).isEqualTo(new Role.Candidate(3));
        return b;
    }

    private Effects win(Replica b) {
        Effects elected = win(b, UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B)), 8);
        writeMark(b);
        return elected;
    }
}
