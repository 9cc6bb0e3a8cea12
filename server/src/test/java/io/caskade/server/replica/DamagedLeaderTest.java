package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.PartitionState;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What becomes of a leader whose copy is damaged.
class DamagedLeaderTest extends ReplicaFixture {

    @Test
    void transfersLeadershipLeavesTheSetAndIsRebuilt() {
        PartitionState all = UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));
        Replica b = servingWith(all);

        Effects damaged = step(b, new Event.CopyDamaged("a checksum is wrong"));

        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        assertThat(b.hasLease(at())).isFalse();
        assertThat(damaged.rebuild()).isFalse();
        PartitionState handed = UNLED.withLeadership(A, 4, Set.of(COPY_A, COPY_C));
        assertThat(damaged.stateWrite()).contains(new Effects.StateWrite(handed, 9));

        Effects won = win(b, handed, 10);
        assertThat(b.role()).isEqualTo(new Role.Rebuilding());
        assertThat(won.rebuild()).isTrue();
        assertThat(won.sends()).isEmpty();
    }

    @Test
    void completesWritesInFlightAndAcceptsNoOthers() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);

        step(b, new Event.CopyDamaged("a checksum is wrong"));
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
    void isFencedWhenNoSuccessorCatchesUpWithinAGracePeriod() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new Event.CopyDamaged("a checksum is wrong"));
        now += 1999;
        grantLease(b, C, COPY_C);
        assertThat(b.role()).isEqualTo(new Role.Transferring(3));

        now += 1;
        Effects fenced = grantLease(b, C, COPY_C);

        assertThat(fenced.settled()).containsExactly(new Effects.Settled(1, Refusal.OUTCOME_UNKNOWN));
        assertThat(fenced.stateWrite()).isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Rebuilding());
    }

    @Test
    void isFencedAtOnceWithoutFollowers() {
        Replica b = servingAlone();
        step(b, new Event.CopyDamaged("a checksum is wrong"));
        assertThat(b.role()).isEqualTo(new Role.Fenced("a checksum is wrong", true));
    }

    @Test
    void isRebuiltWhenTheDamageIsFoundDuringATransfer() {
        Replica b = servingWith(LED_BY_B);
        Effects asked = see(b, LED_BY_B.withSuccessor("c"), 10);
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));

        step(b, new Event.CopyDamaged("a checksum is wrong"));
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        win(b, asked.stateWrite().orElseThrow().next(), 11);

        assertThat(b.role()).isEqualTo(new Role.Rebuilding());
    }

    @Test
    void stopsWhenItsNodeStops() {
        Replica b = servingWith(LED_BY_B);
        Effects damaged = step(b, new Event.CopyDamaged("a checksum is wrong"));
        step(b, new Event.StopRequested());
        win(b, damaged.stateWrite().orElseThrow().next(), 10);
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }
}
