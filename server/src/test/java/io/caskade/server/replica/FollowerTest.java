package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.append;
import static io.caskade.server.replica.Messages.heartbeat;
import static io.caskade.server.replica.Messages.open;
import static io.caskade.server.replica.Messages.opened;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.replica.Event.Synced;
import org.junit.jupiter.api.Test;

/// What a follower says to its leader, stores and shows.
class FollowerTest extends ReplicaFixture {

    @Test
    void grantsItsLeaderALeaseAndTellsAnOlderLeaderThatItsEpochIsStale() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        ClockReading sent = new ClockReading(7, 8);

        assertThat(receive(b, A, heartbeat(2).sentAt(sent).logEnd(5).highWatermark(5))
                        .sends())
                .contains(new Effects.Send("a", new Message.LeaseGrant(2, COPY_B, sent, TIMEOUTS.grant(), false)));
        assertThat(receive(b, C, heartbeat(1).sentAt(sent).logEnd(5).highWatermark(5))
                        .sends())
                .containsExactly(new Effects.Send("c", new Message.StaleEpoch(2)));
    }

    @Test
    void acknowledgesOnlyWhatIsLeftAfterATruncation() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 9);

        Effects opened = receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));
        assertThat(opened.truncate()).hasValue(5);
        assertThat(opened.sends()).isEmpty();

        assertThat(step(b, new Event.Truncated()).sends()).containsExactly(sent("a", ack(2).upTo(5)));
    }

    @Test
    void acknowledgesWhatIsSyncedAndShowsWhatIsCommittedToo() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));

        receive(b, A, append().from(5).to(8));
        Effects stored = step(b, new Event.ReplicatedAppended());
        assertThat(stored.sends()).isEmpty();
        assertThat(stored.sync()).isTrue();
        assertThat(b.highWatermark()).isEqualTo(5);

        Effects synced = step(b, new Synced(8));
        assertThat(synced.sends()).containsExactly(sent("a", ack(2).upTo(8)));
        assertThat(synced.commit()).hasValue(8);
    }

    @Test
    void acknowledgesAtOnceWhenRecordsCountUnsynced() {
        ReplicaOptions relaxed = options().syncBeforeAck(false).build();
        Replica b = new Replica(
                relaxed,
                RecoveredCopy.builder()
                        .epochs(ONE_EPOCH)
                        .logEnd(5)
                        .highWatermark(3)
                        .build());
        see(b, LED_BY_A, 7);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));

        receive(b, A, append().from(5).to(8));

        assertThat(step(b, new Event.ReplicatedAppended()).sends()).containsExactly(sent("a", ack(2).upTo(8)));
    }

    @Test
    void doesNotStoreAnAppendOfAnotherStreamOrBehindAGap() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));

        assertThat(receive(b, A, append().stream(9).from(5).to(8)).appendReplicated())
                .isEmpty();
        assertThat(receive(b, A, append().from(6).to(8)).appendReplicated()).isEmpty();
    }

    @Test
    void reopensAStreamThatTheLeaderClosed() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));

        assertThat(receive(b, A, new Message.StreamClosed(2, 1)).sends())
                .containsExactly(
                        sent("a", open(2, COPY_B).stream(2).epochs(ONE_EPOCH).logEnd(5)));
    }

    @Test
    void keepsThePurgeHorizonBeforeItStoresTheRecordsThatCameWithIt() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));

        Effects received = receive(b, A, append().from(5).to(8).purgeHorizon(4));

        assertThat(received.bounds()).contains(new Effects.Bounds(4, 0, 0));
        assertThat(received.appendReplicated()).isPresent();
        assertThat(b.localPurgeHorizon()).isEqualTo(4);
    }

    /// Seed 3718 of the simulation: a merge had dropped the MARK that told the time.
    @Test
    void keepsTheLogTimeOfMarksThatItNeverReceives() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));

        Effects received = receive(b, A, append().from(5).to(8).completeAt(8).logTime(77));

        assertThat(received.bounds()).contains(new Effects.Bounds(0, 8, 77));
    }

    /// Seed 2353 of the simulation, when the processes of a node numbered their streams alike.
    @Test
    void ignoresAnAnswerToThePreviousIncarnationOfItsNode() {
        ReplicaOptions options = options().lastStream(7L << 32).build();
        Replica b = new Replica(
                options,
                RecoveredCopy.builder()
                        .epochs(ONE_EPOCH)
                        .logEnd(5)
                        .highWatermark(3)
                        .build());
        see(b, LED_BY_A, 7);

        Effects late = receive(b, A, opened(2).divergencePoint(4).epochs(ONE_EPOCH.with(2, 5)));

        assertThat(late.truncate()).isEmpty();
        assertThat(late.sends()).isEmpty();
    }

    @Test
    void reportsAFullDiskAtOnceAndUntilThereIsRoom() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));
        receive(b, A, append().from(5).to(8).highWatermark(5));
        assertThat(step(b, new Event.AppendRejected()).sends())
                .containsExactly(sent("a", ack(2).upTo(5).diskFull()));

        now += 500;
        step(b, new Event.Ticked());
        assertThat(receive(b, A, opened(2).stream(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)))
                        .sends())
                .containsExactly(sent("a", ack(2).stream(2).upTo(5).diskFull()));
        receive(b, A, append().stream(2).from(5).to(8).highWatermark(5));
        step(b, new Event.ReplicatedAppended());
        assertThat(step(b, new Synced(8)).sends())
                .containsExactly(sent("a", ack(2).stream(2).upTo(8)));
    }

    /// The bounds of the first are still being persisted, say.
    @Test
    void appendsThatArriveWhileOneIsStoredAreStoredAfterItInOrder() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));
        Message.AppendRecords first = append().from(5).to(8).build();
        Message.AppendRecords second = append().from(8).to(9).build();

        assertThat(receive(b, A, first).appendReplicated()).isPresent();
        assertThat(receive(b, A, second).appendReplicated()).isEmpty();
        assertThat(b.isAwaiting(first)).isTrue();

        assertThat(step(b, new Event.ReplicatedAppended()).appendReplicated())
                .hasValueSatisfying(next -> assertThat(next.append()).isEqualTo(second));
        step(b, new Event.ReplicatedAppended());
        step(b, new Synced(9));
        assertThat(b.highWatermark()).isEqualTo(9);
    }

    @Test
    void nothingIsAwaitedOnceTheStreamIsOpenedAgain() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));
        Message.AppendRecords first = append().from(5).to(8).build();
        receive(b, A, first);

        receive(b, A, append().from(20).to(21));

        assertThat(b.isAwaiting(first)).isFalse();
    }
}
