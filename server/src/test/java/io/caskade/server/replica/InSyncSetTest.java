package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.open;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Event.Synced;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Which copies join and leave the in-sync set, and from when they count.
class InSyncSetTest extends ReplicaFixture {

    @Test
    void aJoiningCopyCountsUntilTheChangeIsSettled() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        Effects joins = receive(b, C, ack(3).upTo(6));
        assertThat(joins.stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C)), 8));

        step(b, new Event.CasUnknown());
        now += 1000;
        Effects again = see(b, UNLED.withLeadership(B, 3, Set.of(COPY_B)), 8);
        assertThat(again.stateWrite()).isEqualTo(joins.stateWrite());
        step(b, new Event.Proposed(tombstone(1)));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());

        assertThat(step(b, new Synced(8)).settled()).isEmpty();
        assertThat(receive(b, C, ack(3).upTo(8)).settled()).containsExactly(new Effects.Settled(1, null));
    }

    @Test
    void aCopyWithAFullDiskLeavesAtOnceAndRejoinsOnceItHasRoom() {
        Replica b = servingWith(LED_BY_B);
        assertThat(receive(b, C, ack(3).upTo(6).diskFull()).stateWrite())
                .contains(new Effects.StateWrite(LED_BY_B.withIsr(Set.of(COPY_B)), 9));
        Effects left = win(b, LED_BY_B.withIsr(Set.of(COPY_B)), 10);
        assertThat(texts(left)).containsExactly("in sync now: b; c left: its disk is full");
        assertThat(left.stateWrite()).isEmpty();

        assertThat(receive(b, C, ack(3).upTo(6)).stateWrite()).contains(new Effects.StateWrite(LED_BY_B, 10));
    }

    @Test
    void aCopyThatTookAnothersPlaceJoinsOnlyOnceItHoldsAllItself() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        receive(b, C, ack(3).upTo(6));
        CopyId another = new CopyId("c", "copy-c2");
        receive(b, C, open(3, another).stream(2));
        grantLease(b, C, another);

        assertThat(receive(b, C, ack(3).stream(2).upTo(0)).stateWrite()).isEmpty();
        assertThat(receive(b, C, ack(3).stream(2).upTo(6)).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_B, another)), 8));
    }

    @Test
    void aStoppingCopyLeavesAtOnceAndRejoinsAsAnotherIncarnation() {
        Replica b = servingWith(LED_BY_B);
        assertThat(receive(b, C, ack(3).upTo(6).stopping()).stateWrite())
                .contains(new Effects.StateWrite(LED_BY_B.withIsr(Set.of(COPY_B)), 9));
        assertThat(texts(win(b, LED_BY_B.withIsr(Set.of(COPY_B)), 10)))
                .containsExactly("in sync now: b; c left: its node is shutting down");

        NodeIncarnation again = new NodeIncarnation("c", "c-2");
        Message.StreamOpen opens =
                open(3, COPY_C).epochs(ONE_EPOCH.with(3, 6)).logEnd(6).build();
        assertThat(receive(b, again, opens).stateWrite()).contains(new Effects.StateWrite(LED_BY_B, 10));
    }

    @Test
    void aCopyWhoseProcessHasJustConnectedFollowsForAWhileBeforeItJoins() {
        Replica b = servingWith(LED_BY_B);
        connectA(b);
        assertThat(receive(b, A, ack(3).upTo(6)).stateWrite()).isEmpty();

        now += 999;
        grantLease(b, C, COPY_C);
        now += 999;
        grantLease(b, C, COPY_C);
        assertThat(grantLease(b, A, COPY_A).stateWrite()).isEmpty();
        now += 2;
        assertThat(step(b, new Event.Ticked()).stateWrite())
                .contains(new Effects.StateWrite(LED_BY_B.withIsr(Set.of(COPY_A, COPY_B, COPY_C)), 9));
    }

    @Test
    void aCopyWhoseProcessHasJustConnectedJoinsAtOnceWhereAnotherIsSilent() {
        Replica b = servingWith(LED_BY_B);
        connectA(b);
        assertThat(receive(b, A, ack(3).upTo(6)).stateWrite()).isEmpty();

        now += 1_000;
        assertThat(grantLease(b, A, COPY_A).stateWrite())
                .contains(new Effects.StateWrite(LED_BY_B.withIsr(Set.of(COPY_A, COPY_B)), 9));
    }

    @Test
    void aCopyWhoseProcessHasJustConnectedJoinsTheOnlyOneInSyncAtOnce() {
        Replica b = servingAlone();
        connectA(b);

        assertThat(receive(b, A, ack(3).upTo(6)).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B)), 8));
    }

    /// A process of a connects for the first time, when b has led for a while.
    private void connectA(Replica b) {
        now += 999;
        grantLease(b, C, COPY_C);
        now += 1;
        follow(b, A, COPY_A, 1, 6);
        grantLease(b, A, COPY_A);
    }

    @Test
    void aLeaderWhoseDiskHangsSendsNoHeartbeatsAndRemovesNoCopy() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));
        PartitionState joined = UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C));
        win(b, joined, 9);
        step(b, new Event.Proposed(tombstone(1)));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());

        now += 5000;
        Effects stalled = step(b, new Event.Ticked());

        assertThat(stalled.sends()).noneMatch(send -> send.message() instanceof Message.Heartbeat);
        assertThat(stalled.stateWrite()).isEmpty();
    }
}
