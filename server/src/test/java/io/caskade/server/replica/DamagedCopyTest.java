package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.PartitionState;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What becomes of a copy that is damaged: it is given up only where another is known to be alive and whole.
class DamagedCopyTest extends ReplicaFixture {

    private static final String DAMAGE = "a checksum is wrong";

    private static final PartitionState ALL_LED_BY_B = UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));

    private static final PartitionState HANDED_TO_A = UNLED.withLeadership(A, 4, Set.of(COPY_A, COPY_C));

    @Nested
    class Leader {

        @Test
        void transfersLeadershipLeavesTheSetAndIsRebuiltOnceTheNextLeaderIsHeard() {
            Replica b = servingWith(ALL_LED_BY_B);

            Effects damaged = step(b, new Event.CopyDamaged(DAMAGE));

            assertThat(b.role()).isEqualTo(new Role.Resigned(3));
            assertThat(b.hasLease(at())).isFalse();
            assertThat(damaged.stateWrite()).contains(new Effects.StateWrite(HANDED_TO_A, 9));

            Effects won = win(b, HANDED_TO_A, 10);
            assertThat(b.role()).isEqualTo(new Role.Follower());
            assertThat(won.rebuild()).isFalse();

            Effects heard = receive(b, A, heartbeat(4));
            assertThat(b.role()).isEqualTo(new Role.Rebuilding());
            assertThat(heard.rebuild()).isTrue();
            assertThat(heard.sends()).isEmpty();
        }

        @Test
        void completesWritesInFlightAndAcceptsNoOthers() {
            Replica b = servingWith(LED_BY_B);
            writeUnsynced(b);

            step(b, new Event.CopyDamaged(DAMAGE));
            assertThat(b.role()).isEqualTo(new Role.Transferring(3));
            assertThat(step(b, new Event.Proposed(tombstone(2))).settled())
                    .containsExactly(new Effects.Settled(2, Refusal.NOT_SERVING));
            step(b, new Event.CopyDamaged("another checksum is wrong"));
            assertThat(b.role()).isEqualTo(new Role.Transferring(3));

            Effects held = receive(b, C, ack(3).upTo(8));
            assertThat(held.settled()).containsExactly(new Effects.Settled(1, null));
            assertThat(b.role()).isEqualTo(new Role.Resigned(3));
            assertThat(held.stateWrite().orElseThrow().next().leader()).isEqualTo(C);
        }

        @Test
        void servesOnWhenNoSuccessorCatchesUpWithinAGracePeriod() {
            Replica b = servingWith(LED_BY_B);
            writeUnsynced(b);
            step(b, new Event.CopyDamaged(DAMAGE));
            now += TIMEOUTS.grace() - 1;
            grantLease(b, C, COPY_C);
            assertThat(b.role()).isEqualTo(new Role.Transferring(3));

            now += 1;
            Effects abandoned = grantLease(b, C, COPY_C);

            assertThat(b.role()).isEqualTo(new Role.Leader(3));
            assertThat(abandoned.settled()).isEmpty();
            assertThat(abandoned.stateWrite()).isEmpty();
            assertThat(texts(abandoned)).contains("leadership transfer aborted: no follower caught up");
        }

        @Test
        void servesOnAloneAndTellsOthersOfTheDamage() {
            Replica b = servingAlone();

            Effects damaged = step(b, new Event.CopyDamaged(DAMAGE));

            assertThat(b.role()).isEqualTo(new Role.Leader(3));
            assertThat(b.damage()).isEqualTo(DAMAGE);
            assertThat(texts(damaged))
                    .contains("copy damaged, kept until another in-sync copy is known to be whole: " + DAMAGE);
            assertThat(step(b, new Event.Ticked()).sends())
                    .contains(sent(
                            "a",
                            heartbeat(3).sentAt(at()).logEnd(6).highWatermark(6).damaged()));
        }

        @Test
        void transfersLeadershipOnceAWholeCopyHasJoined() {
            Replica b = servingAlone();
            step(b, new Event.CopyDamaged(DAMAGE));
            follow(b, A, COPY_A, 1, 6);
            grantLease(b, A, COPY_A);
            receive(b, A, ack(3).upTo(6));
            assertThat(b.role()).isEqualTo(new Role.Leader(3));

            Effects joined = win(b, UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B)), 9);

            assertThat(b.role()).isEqualTo(new Role.Resigned(3));
            assertThat(joined.stateWrite().orElseThrow().next().leader()).isEqualTo(A);
        }

        @Test
        void doesNotHandOverToACopyThatIsDamagedToo() {
            Replica b = servingWith(LED_BY_B);
            receive(b, C, ack(3).upTo(6).damaged());

            step(b, new Event.CopyDamaged(DAMAGE));

            assertThat(b.role()).isEqualTo(new Role.Leader(3));
            receive(b, C, ack(3).upTo(6));
            assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        }

        @Test
        void isRebuiltWhenTheDamageIsFoundDuringATransfer() {
            Replica b = servingWith(LED_BY_B);
            Effects asked = see(b, LED_BY_B.withSuccessor("c"), 10);
            assertThat(b.role()).isEqualTo(new Role.Resigned(3));

            step(b, new Event.CopyDamaged(DAMAGE));
            assertThat(b.role()).isEqualTo(new Role.Resigned(3));
            win(b, asked.stateWrite().orElseThrow().next(), 11);
            receive(b, C, heartbeat(4));

            assertThat(b.role()).isEqualTo(new Role.Rebuilding());
        }

        @Test
        void stopsWhenItsNodeStops() {
            Replica b = servingWith(LED_BY_B);
            Effects damaged = step(b, new Event.CopyDamaged(DAMAGE));
            step(b, new Event.StopRequested());
            win(b, damaged.stateWrite().orElseThrow().next(), 10);
            assertThat(b.role()).isEqualTo(new Role.Stopped());
        }
    }

    @Nested
    class Follower {

        @Test
        void isKeptUntilItsLeaderIsHeard() {
            Replica b = streamingFollower();

            Effects damaged = step(b, new Event.CopyDamaged(DAMAGE));

            assertThat(b.role()).isEqualTo(new Role.Follower());
            assertThat(damaged.rebuild()).isFalse();

            Effects heard = receive(b, A, heartbeat(2).logEnd(5));
            assertThat(b.role()).isEqualTo(new Role.Rebuilding());
            assertThat(heard.rebuild()).isTrue();
            assertThat(heard.sends())
                    .as("no lease is granted by a copy that goes")
                    .isEmpty();
        }

        @Test
        void isKeptWhileItsLeaderIsDamagedAndTellsItSo() {
            Replica b = streamingFollower();
            step(b, new Event.CopyDamaged(DAMAGE));

            Effects heard = receive(b, A, heartbeat(2).sentAt(at()).logEnd(5).damaged());

            assertThat(b.role()).isEqualTo(new Role.Follower());
            assertThat(heard.sends())
                    .contains(
                            new Effects.Send("a", new Message.LeaseGrant(2, COPY_B, at(), TIMEOUTS.grant(), false)),
                            sent("a", ack(2).received(5).acknowledged(5).damaged()));
        }

        @Test
        void leadsWhenItIsElectedSinceItMayBeTheLast() {
            Replica b = streamingFollower();
            step(b, new Event.CopyDamaged(DAMAGE));

            lead(b, 3, Set.of(COPY_B), 8);

            assertThat(b.role()).isEqualTo(new Role.Leader(3));
            assertThat(b.damage()).isEqualTo(DAMAGE);
        }

        @Test
        void anEarlierLeaderIsNoReasonToGiveItUp() {
            Replica b = streamingFollower();
            step(b, new Event.CopyDamaged(DAMAGE));
            see(b, LED_BY_A.withLeadership(null, 3, Set.of(COPY_A, COPY_B)), 8);

            receive(b, A, heartbeat(2).logEnd(5));

            assertThat(b.role()).isEqualTo(new Role.Follower());
        }
    }
}
