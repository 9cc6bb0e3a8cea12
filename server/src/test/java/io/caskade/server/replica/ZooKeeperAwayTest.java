package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.replica.Effects.Settled;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// While ZooKeeper cannot be reached nothing changes: a compare-and-set that could not be made is known not to
/// have happened.
class ZooKeeperAwayTest extends ReplicaFixture {

    @Nested
    class ACandidate {

        @Test
        void followsItsLeaderAgain() {
            Replica b = claiming();

            step(b, new Event.CasNotDone());

            assertThat(b.role()).isEqualTo(new Role.Follower());
            assertThat(receive(b, A, heartbeat(2).logEnd(5)).sends())
                    .anyMatch(send -> send.message() instanceof Message.LeaseGrant);
        }

        @Test
        void waitsUntilTheStateCanBeReadBeforeItClaimsAgain() {
            Replica b = claiming();
            step(b, new Event.CasNotDone());
            now += 10_000;

            assertThat(step(b, new Event.PeerDisconnected("a")).sends())
                    .noneMatch(send -> send.message() instanceof Message.PreVoteRequest);

            see(b, LED_BY_A, 7);
            assertThat(step(b, new Event.PeerDisconnected("a")).sends())
                    .anyMatch(send -> send.message() instanceof Message.PreVoteRequest);
        }

        @Test
        void staysOneWhenAnEarlierAttemptMayHaveHappened() {
            Replica b = claiming();
            step(b, new Event.CasUnknown());
            now += 1000;
            see(b, LED_BY_A, 7);

            step(b, new Event.CasNotDone());

            assertThat(b.role()).isEqualTo(new Role.Candidate(3));
        }

        private Replica claiming() {
            Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
            step(b, new Event.PeerDisconnected("a"));
            receive(b, C, Messages.response(COPY_C).logEnd(5));
            assertThat(b.role()).isEqualTo(new Role.Candidate(3));
            return b;
        }
    }

    @Nested
    class ALeader {

        @Test
        void doesNotCountACopyWhoseJoinWasNotMade() {
            Replica b = servingAlone();
            follow(b, C, COPY_C, 1, 6);
            grantLease(b, C, COPY_C);
            assertThat(receive(b, C, ack(3).upTo(6)).stateWrite()).isPresent();

            step(b, new Event.CasNotDone());
            now += 1000;

            assertThat(b.hasLease(at())).isTrue();
            step(b, new Event.Proposed(tombstone(1)));
            step(b, new Event.TurnEnded());
            step(b, new Event.Appended());
            assertThat(step(b, new Event.Synced(8)).settled()).containsExactly(new Settled(1, null));
        }

        @Test
        void servesOnWhenItCouldNotHandOver() {
            Replica b = servingWith(LED_BY_B);
            see(b, LED_BY_B.withSuccessor("c"), 10);
            assertThat(b.role()).isEqualTo(new Role.Resigned(3));

            step(b, new Event.CasNotDone());

            assertThat(b.role()).isEqualTo(new Role.Leader(3));
            assertThat(b.hasLease(at())).isTrue();
            see(b, LED_BY_B.withSuccessor("c"), 10);
            assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        }

        @Test
        void refusesAtOnceWhatASilentCopyHoldsUp() {
            Replica b = servingWith(LED_BY_B);
            now += 3000;
            assertThat(step(b, new Event.ReadBarrierRequested(1, 0, 0)).stateWrite())
                    .contains(new Effects.StateWrite(LED_BY_B.withIsr(Set.of(COPY_B)), 9));

            assertThat(step(b, new Event.CasNotDone()).settled())
                    .containsExactly(new Settled(1, Refusal.NOT_ENOUGH_REPLICAS));

            assertThat(step(b, new Event.Proposed(tombstone(2))).settled())
                    .containsExactly(new Settled(2, Refusal.NOT_ENOUGH_REPLICAS));
            assertThat(step(b, new Event.ReadBarrierRequested(3, 0, 0)).settled())
                    .containsExactly(new Settled(3, Refusal.NOT_ENOUGH_REPLICAS));
        }

        @Test
        void refusesAtOnceWhatASilentCopyHoldsUpWhoseRemovalMayHaveHappened() {
            Replica b = servingWith(LED_BY_B);
            now += 3000;
            assertThat(step(b, new Event.ReadBarrierRequested(1, 0, 0)).stateWrite())
                    .isPresent();

            assertThat(step(b, new Event.CasUnknown()).settled())
                    .containsExactly(new Settled(1, Refusal.NOT_ENOUGH_REPLICAS));
            assertThat(step(b, new Event.Proposed(tombstone(2))).settled())
                    .containsExactly(new Settled(2, Refusal.NOT_ENOUGH_REPLICAS));

            see(b, LED_BY_B.withIsr(Set.of(COPY_B)), 10);
            assertThat(step(b, new Event.ReadBarrierRequested(3, 0, 0)).settled())
                    .containsExactly(new Settled(3, null));
        }

        @Test
        void servesAgainOnceTheSilentCopyReturns() {
            Replica b = servingWith(LED_BY_B);
            now += 3000;
            step(b, new Event.Ticked());
            step(b, new Event.CasNotDone());

            grantLease(b, C, COPY_C);

            assertThat(step(b, new Event.ReadBarrierRequested(1, 0, 0)).settled())
                    .containsExactly(new Settled(1, null));
        }
    }
}
