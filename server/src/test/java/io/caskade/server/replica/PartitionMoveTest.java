package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.PartitionState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The leader's part in moving a partition to other replicas.
class PartitionMoveTest extends ReplicaFixture {

    @Test
    void aDepartingCopyLeavesOnceAllStayingCopiesAreInSyncAndDoesNotRejoin() {
        PartitionState moving = UNLED.withReplicas(List.of("a", "b", "c", "d"))
                .withTarget(List.of("d", "b", "c"))
                .withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));
        Replica b = servingWith(moving);
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();

        follow(b, D, COPY_D, 1, 6);
        grantLease(b, D, COPY_D);
        Effects joined = receive(b, D, ack(3).upTo(6));

        PartitionState left = moving.withIsr(Set.of(COPY_B, COPY_C, COPY_D));
        assertThat(joined.stateWrite()).contains(new Effects.StateWrite(left, 9));
        assertThat(win(b, left, 10).stateWrite()).isEmpty();
        assertThat(receive(b, A, ack(3).upTo(6)).stateWrite()).isEmpty();
    }

    @Test
    void aCopyThatHasLeftDoesNotReplaceAnotherDepartingCopy() {
        PartitionState moving = UNLED.withReplicas(List.of("a", "b", "c", "d"))
                .withTarget(List.of("d", "e", "b"))
                .withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_D));
        Replica b = servingWith(moving);

        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));

        assertThat(written).isEmpty();
    }

    @Test
    void noCopyLeavesWhileAStayingCopyIsOutOfSync() {
        PartitionState moving = UNLED.withReplicas(List.of("a", "b", "c", "d"))
                .withTarget(List.of("d", "b"))
                .withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));

        step(servingWith(moving), new Event.Ticked());

        assertThat(written).isEmpty();
    }

    @Test
    void aMoveLeavesAsManyInSyncAsItsTargetHas() {
        PartitionState moving =
                UNLED.withTarget(List.of("d", "e", "b")).withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));

        step(servingWith(moving), new Event.Ticked());

        assertThat(written).isEmpty();
    }

    @Test
    void aMoveToFewerCopiesRemovesTheDepartingOnesAtOnce() {
        PartitionState moving = UNLED.withTarget(List.of("b")).withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));

        step(servingWith(moving), new Event.Ticked());

        assertThat(written).contains(new Effects.StateWrite(moving.withIsr(Set.of(COPY_B)), 9));
    }

    @Test
    void aDepartingLeaderStaysInSyncUntilItHasTransferredLeadership() {
        PartitionState moving = UNLED.withTarget(List.of("c")).withLeadership(B, 3, Set.of(COPY_B, COPY_C));
        Replica b = servingWith(moving);

        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
    }
}
