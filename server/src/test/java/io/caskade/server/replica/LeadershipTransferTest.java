package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.open;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// How a leader that stops, or should no longer lead, transfers leadership.
class LeadershipTransferTest extends ReplicaFixture {

    @Test
    void aStoppingLeaderReleasesItsLeaseBeforeItTransfersLeadership() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));
        win(b, UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C)), 9);
        assertThat(b.hasLease(at())).isTrue();

        Effects stops = step(b, new Event.StopRequested());

        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        assertThat(b.hasLease(at())).isFalse();
        PartitionState handed = UNLED.withLeadership(C, 4, Set.of(COPY_C));
        assertThat(stops.stateWrite()).contains(new Effects.StateWrite(handed, 9));
        win(b, handed, 10);
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void aStoppingLeaderStaysInSyncWhereTheOthersAreTooFew() {
        PartitionState ofTwo =
                PartitionState.withoutLeader(0, List.of("a", "b", "c"), 2).withLeadership(B, 3, Set.of(COPY_B, COPY_C));
        Replica b = servingWith(ofTwo);

        assertThat(step(b, new Event.StopRequested()).stateWrite())
                .contains(new Effects.StateWrite(ofTwo.withLeadership(C, 4, Set.of(COPY_B, COPY_C)), 9));
    }

    @Test
    void aStoppingLeaderPrefersOthersToAProcessThatHasJustConnected() {
        Replica b = servingWith(UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C)));
        restartA(b);

        assertThat(step(b, new Event.StopRequested()).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(C, 4, Set.of(COPY_A, COPY_C)), 9));
    }

    @Test
    void aNamedSuccessorLeadsOnceItHasRunForAWhile() {
        PartitionState led = UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));
        Replica b = servingWith(led);
        NodeIncarnation started = restartA(b);
        assertThat(see(b, led.withSuccessor("a"), 10).stateWrite()).isEmpty();

        for (int i = 0; i < 19; i++) {
            now += 500;
            grantLease(b, C, COPY_C);
            receive(b, C, ack(3).upTo(6));
            grantLease(b, started, COPY_A);
            assertThat(receive(b, started, ack(3).stream(2).upTo(6)).stateWrite())
                    .isEmpty();
        }
        now += 500;

        assertThat(step(b, new Event.Ticked()).stateWrite())
                .contains(new Effects.StateWrite(led.withLeadership(started, 4, led.isr()), 10));
    }

    /// Another process of a connects, when b has led for a while.
    private NodeIncarnation restartA(Replica b) {
        now += 500;
        grantLease(b, A, COPY_A);
        grantLease(b, C, COPY_C);
        now += 500;
        NodeIncarnation started = new NodeIncarnation("a", "a-2");
        follow(b, started, COPY_A, 2, 6);
        grantLease(b, started, COPY_A);
        receive(b, started, ack(3).stream(2).upTo(6));
        return started;
    }

    @Test
    void aFollowerWhoseStreamWasClosedIsNoSuccessor() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));
        win(b, UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C)), 9);
        now += 5000;
        grantLease(b, C, COPY_C);
        step(b, new Event.Ticked());

        assertThat(step(b, new Event.StopRequested()).stateWrite()).isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Transferring(3));
    }

    @Test
    void aLeaderTransfersLeadershipToTheNamedSuccessorAndFollowsIt() {
        Replica b = servingWith(LED_BY_B);
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();

        Effects asked = see(b, LED_BY_B.withSuccessor("c"), 10);

        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        assertThat(b.hasLease(at())).isFalse();
        PartitionState handed = UNLED.withLeadership(C, 4, Set.of(COPY_B, COPY_C));
        assertThat(asked.stateWrite()).contains(new Effects.StateWrite(handed, 10));

        Effects lost = win(b, handed, 11);
        assertThat(b.role()).isEqualTo(new Role.Follower());
        assertThat(lost.sends())
                .anyMatch(send -> send.to().equals("c")
                        && send.message() instanceof Message.StreamOpen open
                        && open.epoch() == 4);
    }

    @Test
    void aLeaderContinuesWhileItsSuccessorIsSilent() {
        PartitionState both =
                PartitionState.withoutLeader(0, List.of("b", "c"), 2).withLeadership(B, 3, Set.of(COPY_B, COPY_C));
        Replica b = servingWith(both);
        now += 1000;

        see(b, both.withSuccessor("c"), 10);
        assertThat(b.role()).isEqualTo(new Role.Leader(3));

        grantLease(b, C, COPY_C);
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
    }

    @Test
    void aLeaderWhoseSuccessorDoesNotCatchUpServesAgainAndRetriesLater() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        see(b, LED_BY_B.withSuccessor("c"), 10);
        assertThat(b.role()).isEqualTo(new Role.Transferring(3));
        assertThat(step(b, new Event.Proposed(tombstone(2))).settled())
                .containsExactly(new Effects.Settled(2, Refusal.NOT_SERVING));

        now += 2000;
        grantLease(b, C, COPY_C);
        assertThat(b.role()).isEqualTo(new Role.Leader(3));

        receive(b, C, ack(3).upTo(8));
        now += 4999;
        grantLease(b, C, COPY_C);
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
        now += 1;
        receive(b, C, ack(3).upTo(8));
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
    }

    @Test
    void aLeaderContinuesWhenItsSuccessorIsWithdrawn() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        see(b, LED_BY_B.withSuccessor("c"), 10);
        assertThat(b.role()).isEqualTo(new Role.Transferring(3));

        see(b, LED_BY_B, 11);

        assertThat(b.role()).isEqualTo(new Role.Leader(3));
    }

    @Test
    void aFollowerWithAFullDiskIsNoSuccessor() {
        Replica b = servingWith(new PartitionState(0, List.of("a", "b", "c"), B, 3, Set.of(COPY_B, COPY_C), 2));
        receive(b, C, ack(3).upTo(6).diskFull());

        assertThat(step(b, new Event.StopRequested()).stateWrite()).isEmpty();
    }

    /// In a set of more than min-insync it leaves: what it cannot store holds the next leader up.
    @Test
    void aLeaderWhoseDiskIsFullHandsOverToACopyWithRoomAndLeavesTheSet() {
        Replica b = servingWith(LED_BY_B);
        now += 5000;
        receive(b, C, new Message.LeaseGrant(3, COPY_C, at(), TIMEOUTS.grant(), false));
        receive(b, C, ack(3).upTo(6));

        Effects full = step(b, new Event.DiskSpaceChanged(DiskSpace.FULL));

        assertThat(full.stateWrite()).contains(new Effects.StateWrite(UNLED.withLeadership(C, 4, Set.of(COPY_C)), 9));
        assertThat(texts(full)).containsExactly("transferring leadership to c: its disk is full");
    }

    @Test
    void aLeaderWhoseDiskIsFullLeadsOnWhereNoOtherHasRoom() {
        Replica b = servingWith(LED_BY_B);
        now += 5000;
        receive(b, C, new Message.LeaseGrant(3, COPY_C, at(), TIMEOUTS.grant(), true));
        receive(b, C, ack(3).upTo(6));

        assertThat(step(b, new Event.DiskSpaceChanged(DiskSpace.FULL)).stateWrite())
                .isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
    }

    @Test
    void aLeaderWithLittleRoomLeadsOn() {
        Replica b = servingWith(LED_BY_B);
        now += 5000;
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));

        assertThat(step(b, new Event.DiskSpaceChanged(DiskSpace.LOW)).stateWrite())
                .isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
    }

    @Test
    void aNewLeaderWhoseDiskIsFullWaitsBeforeItHandsOver() {
        Replica b = servingWith(LED_BY_B);

        assertThat(step(b, new Event.DiskSpaceChanged(DiskSpace.FULL)).stateWrite())
                .isEmpty();
        now += 5000;
        assertThat(grantLease(b, C, COPY_C).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(C, 4, Set.of(COPY_C)), 9));
    }

    @Test
    void aNamedSuccessorIsWaitedForUntilItsDiskHasRoom() {
        Replica b = servingWith(LED_BY_B);
        receive(b, C, new Message.LeaseGrant(3, COPY_C, new ClockReading(now + 1, now), TIMEOUTS.grant(), true));

        assertThat(see(b, LED_BY_B.withSuccessor("c"), 10).stateWrite()).isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Leader(3));

        now += 100;
        assertThat(grantLease(b, C, COPY_C).stateWrite()).isPresent();
    }
}
