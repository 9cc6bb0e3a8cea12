package io.caskade.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Event.Received;
import io.caskade.server.replica.Event.StateSeen;
import io.caskade.server.replica.Event.Synced;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A copy among others: what a follower says to its leader, and what a leader makes of its followers.
class ReplicasTest {

    private static final Timeouts TIMING = new Timeouts(1000, 2000, 500, 5000, 5000);
    private static final NodeIncarnation A = new NodeIncarnation("a", "a-1");
    private static final NodeIncarnation B = new NodeIncarnation("b", "b-1");
    private static final NodeIncarnation C = new NodeIncarnation("c", "c-1");
    private static final NodeIncarnation D = new NodeIncarnation("d", "d-1");
    private static final CopyId COPY_A = new CopyId("a", "copy-a");
    private static final CopyId COPY_B = new CopyId("b", "copy-b");
    private static final CopyId COPY_C = new CopyId("c", "copy-c");
    private static final CopyId COPY_D = new CopyId("d", "copy-d");
    private static final CopyId STRANGER_A = new CopyId("a", "copy-a2");
    private static final CopyId STRANGER_B = new CopyId("b", "copy-b2");
    private static final PartitionState UNLED = PartitionState.withoutLeader(0, List.of("a", "b", "c"), 1);
    private static final PartitionState LED_BY_A = UNLED.withLeadership(A, 2, Set.of(COPY_A, COPY_B));
    private static final PartitionState LED_BY_B = UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C));
    private static final EpochHistory ONE_EPOCH = EpochHistory.EMPTY.with(1, 1);

    private final List<Effects.StateWrite> written = new ArrayList<>();
    private long now = 100_000;

    private static final class Lying implements Batches {
        @Override
        public long bytes() {
            return 10;
        }
    }

    @Test
    void aFollowerAnswersItsLeadersHeartbeatsAndTellsAnOlderLeaderThatItIsOne() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        ClockReading sent = new ClockReading(7, 8);

        assertThat(step(b, new Received(A, new Message.Heartbeat(2, sent, 5, 5)))
                        .sends())
                .contains(new Effects.Send("a", new Message.LeaseGrant(2, COPY_B, sent)));
        assertThat(step(b, new Received(C, new Message.Heartbeat(1, sent, 5, 5)))
                        .sends())
                .containsExactly(new Effects.Send("c", new Message.StaleEpoch(2)));
    }

    @Test
    void aFollowerThatCutItsLogAcknowledgesOnlyWhatIsLeft() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 9);

        Effects opened = step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));
        assertThat(opened.truncate()).hasValue(5);
        assertThat(opened.sends()).isEmpty();

        assertThat(step(b, new Event.Truncated()).sends())
                .containsExactly(new Effects.Send("a", new Message.AppendAck(2, 1, 5, 5)));
    }

    @Test
    void aFollowerHoldsWhatIsSyncedAndShowsWhatIsCommittedToo() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));

        step(b, new Received(A, new Message.AppendRecords(2, 1, 5, 8, 8, 0, 0, new Lying())));
        Effects stored = step(b, new Event.RecordsStored());
        assertThat(stored.sends()).isEmpty();
        assertThat(stored.sync()).isTrue();
        assertThat(b.highWatermark()).isEqualTo(5);

        Effects synced = step(b, new Synced(8));
        assertThat(synced.sends()).containsExactly(new Effects.Send("a", new Message.AppendAck(2, 1, 8, 8)));
        assertThat(synced.commit()).hasValue(8);
    }

    @Test
    void aFollowerWhoseRecordsCountUnsyncedAcknowledgesThemAtOnce() {
        ReplicaOptions relaxed = new ReplicaOptions(B, COPY_B, Set.of(), false, 1000, 100_000, 20, TIMING, 0);
        Replica b = new Replica(relaxed, new RecoveredCopy(ONE_EPOCH, 5, 5, 3, 0, 0, 0));
        step(b, new StateSeen(new Versioned<>(LED_BY_A, 7)));
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));

        step(b, new Received(A, new Message.AppendRecords(2, 1, 5, 8, 8, 0, 0, new Lying())));

        assertThat(step(b, new Event.RecordsStored()).sends())
                .containsExactly(new Effects.Send("a", new Message.AppendAck(2, 1, 8, 8)));
    }

    @Test
    void anAppendOfAnotherStreamOrBehindAGapIsNotStored() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));

        assertThat(step(b, new Received(A, new Message.AppendRecords(2, 9, 5, 8, 8, 0, 0, new Lying())))
                        .storeRecords())
                .isEmpty();
        assertThat(step(b, new Received(A, new Message.AppendRecords(2, 1, 6, 8, 8, 0, 0, new Lying())))
                        .storeRecords())
                .isEmpty();
    }

    @Test
    void aStreamTheLeaderHasClosedIsOpenedAgain() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));

        assertThat(step(b, new Received(A, new Message.StreamClosed(2, 1))).sends())
                .containsExactly(new Effects.Send("a", new Message.StreamOpen(2, 2, COPY_B, ONE_EPOCH, 5)));
    }

    @Test
    void aFollowerTakesOverWhenNobodyHearsTheLeader() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);

        Effects asks = silence(b);
        assertThat(asks.sends()).contains(new Effects.Send("c", new Message.PreVoteRequest(2, 1)));
        step(b, new Received(C, new Message.PreVoteResponse(2, 1, COPY_C, false, 1, 5)));
        now += 600;

        assertThat(step(b, new Event.Ticked()).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B)), 7));
    }

    @Test
    void aFollowerDoesNotTakeOverALeaderThatAnotherHears() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);

        silence(b);
        step(b, new Received(C, new Message.PreVoteResponse(2, 1, COPY_C, true, 1, 5)));
        now += 600;

        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
    }

    @Test
    void aFollowerDoesNotWaitForTheAnswerOfALeaderWhoseConnectionBroke() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);

        assertThat(step(b, new Event.PeerLost("a")).sends())
                .contains(new Effects.Send("c", new Message.PreVoteRequest(2, 1)));

        assertThat(step(b, new Received(C, new Message.PreVoteResponse(2, 1, COPY_C, false, 1, 5)))
                        .stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B)), 7));
    }

    @Test
    void aFollowerDoesNotWaitForAnotherWhoseConnectionBrokeWithTheLeaders() {
        Replica b = follower(LED_BY_A.withReplicas(List.of("a", "b", "c", "d")), ONE_EPOCH, 5);
        step(b, new Event.PeerLost("d"));
        step(b, new Event.PeerLost("a"));

        assertThat(step(b, new Received(C, new Message.PreVoteResponse(2, 1, COPY_C, false, 1, 5)))
                        .stateWrite())
                .isPresent();
    }

    @Test
    void aFollowerWaitsForAnotherThatHasSaidSomethingSinceItsConnectionBroke() {
        Replica b = follower(LED_BY_A.withReplicas(List.of("a", "b", "c", "d")), ONE_EPOCH, 5);
        step(b, new Event.PeerLost("d"));
        step(b, new Received(D, new Message.PreVoteRequest(2, 1)));
        step(b, new Event.PeerLost("a"));

        assertThat(step(b, new Received(C, new Message.PreVoteResponse(2, 1, COPY_C, false, 1, 5)))
                        .stateWrite())
                .isEmpty();
    }

    @Test
    void aFollowerThatNobodyAnswersGivesItsLeaderTheTimeToConnectAgain() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Event.PeerLost("a"));
        step(b, new Event.PeerLost("c"));

        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        now += 500;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isPresent();
    }

    @Test
    void aFollowerAsksAgainAtOnceWhenOneThatHasHeardTheLeaderAsksItself() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Event.PeerLost("a"));
        step(b, new Received(C, new Message.PreVoteResponse(2, 1, COPY_C, true, 1, 5)));

        assertThat(step(b, new Received(C, new Message.PreVoteRequest(2, 1))).sends())
                .contains(new Effects.Send("c", new Message.PreVoteRequest(2, 2)));
        assertThat(step(b, new Received(C, new Message.PreVoteRequest(2, 2))).sends())
                .noneMatch(send -> send.message() instanceof Message.PreVoteRequest);
        assertThat(step(b, new Received(C, new Message.PreVoteResponse(2, 2, COPY_C, false, 1, 5)))
                        .stateWrite())
                .isPresent();
    }

    @Test
    void aNewLeaderDropsNobodyBeforeOlderLeasesHaveEnded() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        now += 10_000;
        step(b, new Received(A, new Message.Heartbeat(2, new ClockReading(1, 1), 5, 5)));
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);

        now += 1500;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        assertThat(b.role()).isInstanceOf(Role.PendingLeader.class);
        now += 600;
        assertThat(step(b, new Event.Ticked()).stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_B)), 8));
    }

    @Test
    void aNewLeaderServesAtOnceWhenAllInSyncHoldItsMark() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(A, new Message.Heartbeat(2, new ClockReading(1, 1), 5, 5)));
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);

        follow(b, A, COPY_A, 1, 5);
        step(b, new Received(A, new Message.AppendAck(3, 1, 6, 6)));

        assertThat(b.role()).isEqualTo(new Role.Leader(3));
    }

    @Test
    void whatOlderEpochsWroteIsCommittedOnlyWithTheNewLeadersMark() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);
        follow(b, A, COPY_A, 1, 9);

        assertThat(step(b, new Received(A, new Message.AppendAck(3, 1, 5, 5))).commit())
                .isEmpty();
        assertThat(step(b, new Received(A, new Message.AppendAck(3, 1, 6, 6))).commit())
                .hasValue(6);
    }

    @Test
    void aCopyThatLacksTombstonesIsToldToBeginWithNothing() {
        Replica b = servingAlone();
        now += 10_000;
        for (int i = 0; i < 60; i++) {
            write(b, i);
        }
        now += 1_000;
        step(b, new Event.Ticked());

        Effects opened = step(b, new Received(C, new Message.StreamOpen(3, 1, COPY_C, ONE_EPOCH, 3)));

        assertThat(b.purgeHorizon()).isGreaterThan(3);
        assertThat(opened.sends())
                .anyMatch(send -> send.message() instanceof Message.StreamOpened answer && answer.rebuild());
    }

    /// All copies write each new one down.
    @Test
    void thePurgeHorizonIsRaisedNowAndThen() {
        Replica b = servingAlone();
        now += 10_000;
        for (int i = 0; i < 30; i++) {
            write(b, i);
        }
        now += 1_000;
        assertThat(step(b, new Event.Ticked()).bounds()).isPresent();
        for (int i = 30; i < 60; i++) {
            write(b, i);
        }
        assertThat(step(b, new Event.Ticked()).bounds()).isEmpty();
        now += 1_000;
        assertThat(step(b, new Event.Ticked()).bounds()).isPresent();
    }

    @Test
    void aFollowerKeepsThePurgeHorizonBeforeItStoresWhatCameWithIt() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));

        Effects received = step(b, new Received(A, new Message.AppendRecords(2, 1, 5, 8, 8, 4, 0, new Lying())));

        assertThat(received.bounds()).contains(new Effects.Bounds(4, 0));
        assertThat(received.storeRecords()).isPresent();
        assertThat(b.purgeHorizon()).isEqualTo(4);
    }

    private void write(Replica b, long token) {
        step(b, new Event.Proposed(new Proposal(token, List.of(new RecordDraft.Tombstone(new byte[] {1})))));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());
        step(b, new Synced(1000));
    }

    @Test
    void aSmallGroupWaitsForTheOneThatIsOnItsWay() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new Event.Proposed(removal(2)));
        step(b, new Event.Proposed(removal(3)));
        assertThat(step(b, new Event.TurnEnded()).append()).isEmpty();

        step(b, new Received(C, new Message.AppendAck(3, 1, 8, 8)));

        Effects next = step(b, new Event.TurnEnded());
        assertThat(next.append().orElseThrow().proposals())
                .extracting(Proposal::token)
                .containsExactly(2L, 3L);
    }

    @Test
    void aLargeGroupWaitsForNoOther() {
        Replica b = servingWith(LED_BY_B, 1 << 20);
        writeUnsynced(b);
        step(b, new Event.Proposed(put(2, 60 << 10)));
        assertThat(step(b, new Event.TurnEnded()).append()).isEmpty();
        step(b, new Event.Proposed(put(3, 60 << 10)));

        assertThat(step(b, new Event.TurnEnded()).append()).isPresent();
    }

    @Test
    void aWriteThatAsksForTheLeaderAloneWaitsForNoOtherGroup() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        Proposal eager = new Proposal(2, removal(2).records(), Proposal.Acks.LEADER);
        step(b, new Event.Proposed(eager));

        assertThat(step(b, new Event.TurnEnded()).append()).isPresent();
    }

    @Test
    void aLeaderThatHandsOverWritesWhatHasGatheredAtOnce() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new Event.Proposed(removal(2)));
        step(b, new Event.StopRequested());
        assertThat(b.role()).isInstanceOf(Role.Draining.class);

        assertThat(step(b, new Event.TurnEnded()).append()).isPresent();
    }

    @Test
    void aCopyThatWasAskedToJoinCountsUntilTheChangeIsSettled() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        Effects joins = step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6)));
        assertThat(joins.stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C)), 8));

        step(b, new Event.StateUnknown());
        now += 1000;
        Effects again = step(b, new StateSeen(new Versioned<>(UNLED.withLeadership(B, 3, Set.of(COPY_B)), 8)));
        assertThat(again.stateWrite()).isEqualTo(joins.stateWrite());
        step(b, new Event.Proposed(new Proposal(1, List.of(new RecordDraft.Tombstone(new byte[] {1})))));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());

        assertThat(step(b, new Synced(8)).settled()).isEmpty();
        assertThat(step(b, new Received(C, new Message.AppendAck(3, 1, 8, 8))).settled())
                .containsExactly(new Effects.Settled(1, null));
    }

    /// Seed 2353 of the simulation, when the processes of a node numbered their streams alike.
    @Test
    void anAnswerToTheLastProcessOfANodeCutsNothingOfTheNext() {
        ReplicaOptions options = new ReplicaOptions(B, COPY_B, Set.of(), true, 1000, 100_000, 20, TIMING, 7L << 32);
        Replica b = new Replica(options, new RecoveredCopy(ONE_EPOCH, 5, 5, 3, 0, 0, 0));
        step(b, new StateSeen(new Versioned<>(LED_BY_A, 7)));

        Effects late = step(b, new Received(A, new Message.StreamOpened(2, 1, 4, ONE_EPOCH.with(2, 5), false)));

        assertThat(late.truncate()).isEmpty();
        assertThat(late.sends()).isEmpty();
    }

    @Test
    void positionsOfAnotherStreamOrEpochCountForNothing() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);
        follow(b, A, COPY_A, 2, 5);

        assertThat(step(b, new Received(A, new Message.AppendAck(3, 1, 6, 6))).sends())
                .contains(new Effects.Send("a", new Message.StreamClosed(3, 1)));
        step(b, new Received(new NodeIncarnation("a", "a-0"), new Message.AppendAck(3, 2, 6, 6)));
        step(b, new Received(A, new Message.AppendAck(2, 2, 6, 6)));
        assertThat(b.role()).isInstanceOf(Role.PendingLeader.class);

        step(b, new Received(A, new Message.AppendAck(3, 2, 6, 6)));
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
    }

    @Test
    void readsWaitForALeaseOfAllWhoMayBeInSync() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6)));
        now += 999;
        assertThat(b.mayAnswer(at())).isTrue();

        now += 1;

        assertThat(step(b, new Event.ConfirmRequested(9, 0, 0)).settled()).isEmpty();
        assertThat(step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())))
                        .settled())
                .containsExactly(new Effects.Settled(9, null));
    }

    @Test
    void readsWaitForACopyThatMayHaveJoinedThoughNobodyKnows() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6)));
        step(b, new Event.StateUnknown());

        now += 1000;

        assertThat(b.mayAnswer(at())).isFalse();
    }

    @Test
    void aLeaderWhoseDiskHangsSendsNoHeartbeatsAndDropsNobody() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6)));
        PartitionState joined = UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C));
        step(b, new Event.StateWon(new Versioned<>(joined, 9)));
        step(b, new Event.Proposed(new Proposal(1, List.of(new RecordDraft.Tombstone(new byte[] {1})))));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());

        now += 5000;
        Effects stalled = step(b, new Event.Ticked());

        assertThat(stalled.sends()).noneMatch(send -> send.message() instanceof Message.Heartbeat);
        assertThat(stalled.stateWrite()).isEmpty();
    }

    @Test
    void aLeaderThatStopsReleasesItsLeaseBeforeItHandsOver() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6)));
        step(b, new Event.StateWon(new Versioned<>(UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C)), 9)));
        assertThat(b.mayAnswer(at())).isTrue();

        Effects stops = step(b, new Event.StopRequested());

        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        assertThat(b.mayAnswer(at())).isFalse();
        PartitionState handed = UNLED.withLeadership(C, 4, Set.of(COPY_C));
        assertThat(stops.stateWrite()).contains(new Effects.StateWrite(handed, 9));
        step(b, new Event.StateWon(new Versioned<>(handed, 10)));
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void aLeaderThatStopsStaysInSyncWhereTheOthersAreTooFew() {
        PartitionState ofTwo =
                PartitionState.withoutLeader(0, List.of("a", "b", "c"), 2).withLeadership(B, 3, Set.of(COPY_B, COPY_C));
        Replica b = servingWith(ofTwo);

        assertThat(step(b, new Event.StopRequested()).stateWrite())
                .contains(new Effects.StateWrite(ofTwo.withLeadership(C, 4, Set.of(COPY_B, COPY_C)), 9));
    }

    @Test
    void aStreamIsOpenedOnlyOnceTheMarkOfTheEpochIsInTheLog() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new StateSeen(new Versioned<>(LED_BY_B, 8)));
        assertThat(step(b, new Received(C, new Message.StreamOpen(3, 1, COPY_C, ONE_EPOCH, 5)))
                        .sends())
                .isEmpty();

        step(b, new Event.TurnEnded());
        assertThat(step(b, new Event.Appended()).sends())
                .contains(new Effects.Send("c", new Message.StreamOpened(3, 1, 5, ONE_EPOCH.with(3, 6), false)));
    }

    @Test
    void aStreamThatIsAskedForBeforeTheLeaderKnowsThatItLeadsIsOpenedOnceItDoes() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(C, new Message.StreamOpen(3, 1, COPY_C, ONE_EPOCH, 5)));
        step(b, new StateSeen(new Versioned<>(LED_BY_B, 8)));
        step(b, new Event.TurnEnded());

        assertThat(step(b, new Event.Appended()).sends())
                .contains(new Effects.Send("c", new Message.StreamOpened(3, 1, 5, ONE_EPOCH.with(3, 6), false)));
        assertThat(step(b, new Event.Ticked()).sends())
                .noneMatch(send -> send.message() instanceof Message.StreamOpened);
    }

    @Test
    void whoAsksForAStreamIsAskedForItsSupportAtOnce() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new StateSeen(new Versioned<>(LED_BY_B, 8)));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());

        assertThat(step(b, new Received(C, new Message.StreamOpen(3, 1, COPY_C, ONE_EPOCH, 5)))
                        .sends())
                .contains(new Effects.Send("c", new Message.Heartbeat(3, at(), 6, 3)));
    }

    @Test
    void nobodyIsHandedTheLeadWhoseStreamWasClosed() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6)));
        step(b, new Event.StateWon(new Versioned<>(UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C)), 9)));
        now += 5000;
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        step(b, new Event.Ticked());

        assertThat(step(b, new Event.StopRequested()).stateWrite()).isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Draining(3));
    }

    @Test
    void aLeaderHandsOverToTheSuccessorThatTheStateNamesAndFollowsIt() {
        Replica b = servingWith(LED_BY_B);
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();

        Effects asked = step(b, new StateSeen(new Versioned<>(LED_BY_B.withSuccessor("c"), 10)));

        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        assertThat(b.mayAnswer(at())).isFalse();
        PartitionState handed = UNLED.withLeadership(C, 4, Set.of(COPY_B, COPY_C));
        assertThat(asked.stateWrite()).contains(new Effects.StateWrite(handed, 10));

        Effects lost = step(b, new Event.StateWon(new Versioned<>(handed, 11)));
        assertThat(b.role()).isEqualTo(new Role.Follower());
        assertThat(lost.sends())
                .anyMatch(send -> send.to().equals("c")
                        && send.message() instanceof Message.StreamOpen open
                        && open.epoch() == 4);
    }

    @Test
    void aLeaderGoesOnWhileItsSuccessorIsNotHeardOf() {
        PartitionState both =
                PartitionState.withoutLeader(0, List.of("b", "c"), 2).withLeadership(B, 3, Set.of(COPY_B, COPY_C));
        Replica b = servingWith(both);
        now += 1000;

        step(b, new StateSeen(new Versioned<>(both.withSuccessor("c"), 10)));
        assertThat(b.role()).isEqualTo(new Role.Leader(3));

        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
    }

    @Test
    void aLeaderWhoseSuccessorDoesNotCatchUpServesAgainAndDoesNotTryAtOnce() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new StateSeen(new Versioned<>(LED_BY_B.withSuccessor("c"), 10)));
        assertThat(b.role()).isEqualTo(new Role.Draining(3));
        assertThat(step(b, new Event.Proposed(removal(2))).settled())
                .containsExactly(new Effects.Settled(2, Refusal.NOT_SERVING));

        now += 2000;
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        assertThat(b.role()).isEqualTo(new Role.Leader(3));

        step(b, new Received(C, new Message.AppendAck(3, 1, 8, 8)));
        now += 4999;
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
        now += 1;
        step(b, new Received(C, new Message.AppendAck(3, 1, 8, 8)));
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
    }

    @Test
    void aLeaderGoesOnWhenItNeedNotHandOverAnyMore() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new StateSeen(new Versioned<>(LED_BY_B.withSuccessor("c"), 10)));
        assertThat(b.role()).isEqualTo(new Role.Draining(3));

        step(b, new StateSeen(new Versioned<>(LED_BY_B, 11)));

        assertThat(b.role()).isEqualTo(new Role.Leader(3));
    }

    @Test
    void aDamagedLeaderHandsOverLeavesTheSetAndIsBegunAgain() {
        PartitionState all = UNLED.withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));
        Replica b = servingWith(all);

        Effects damaged = step(b, new Event.CopyDamaged("a checksum is wrong"));

        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        assertThat(b.mayAnswer(at())).isFalse();
        assertThat(damaged.rebuild()).isFalse();
        PartitionState handed = UNLED.withLeadership(A, 4, Set.of(COPY_A, COPY_C));
        assertThat(damaged.stateWrite()).contains(new Effects.StateWrite(handed, 9));

        Effects won = step(b, new Event.StateWon(new Versioned<>(handed, 10)));
        assertThat(b.role()).isEqualTo(new Role.Rebuilding());
        assertThat(won.rebuild()).isTrue();
        assertThat(won.sends()).isEmpty();
    }

    @Test
    void aDamagedLeaderLetsWhatIsUnderWayEndAndTakesNothingNew() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);

        step(b, new Event.CopyDamaged("a checksum is wrong"));
        assertThat(b.role()).isEqualTo(new Role.Draining(3));
        assertThat(step(b, new Event.Proposed(removal(2))).settled())
                .containsExactly(new Effects.Settled(2, Refusal.NOT_SERVING));
        step(b, new Event.CopyDamaged("another checksum is wrong"));
        assertThat(b.role()).isEqualTo(new Role.Draining(3));

        Effects held = step(b, new Received(C, new Message.AppendAck(3, 1, 8, 8)));
        assertThat(held.settled()).containsExactly(new Effects.Settled(1, null));
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        assertThat(held.stateWrite().orElseThrow().next().leader()).isEqualTo(C);
    }

    @Test
    void aDamagedLeaderIsFencedWhenNobodyCanTakeOverWithinAGrace() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new Event.CopyDamaged("a checksum is wrong"));
        now += 1999;
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        assertThat(b.role()).isEqualTo(new Role.Draining(3));

        now += 1;
        Effects fenced = step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));

        assertThat(fenced.settled()).containsExactly(new Effects.Settled(1, Refusal.OUTCOME_UNKNOWN));
        assertThat(fenced.stateWrite()).isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Rebuilding());
    }

    @Test
    void aDamagedLeaderThatNobodyFollowsIsFencedAtOnce() {
        Replica b = servingAlone();
        step(b, new Event.CopyDamaged("a checksum is wrong"));
        assertThat(b.role()).isEqualTo(new Role.Fenced("a checksum is wrong", true));
    }

    @Test
    void aLeaderThatIsFoundDamagedWhileItHandsOverDoesNotFollow() {
        Replica b = servingWith(LED_BY_B);
        Effects asked = step(b, new StateSeen(new Versioned<>(LED_BY_B.withSuccessor("c"), 10)));
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));

        step(b, new Event.CopyDamaged("a checksum is wrong"));
        assertThat(b.role()).isEqualTo(new Role.Resigned(3));
        step(
                b,
                new Event.StateWon(
                        new Versioned<>(asked.stateWrite().orElseThrow().next(), 11)));

        assertThat(b.role()).isEqualTo(new Role.Rebuilding());
    }

    @Test
    void aDamagedLeaderWhoseNodeStopsStops() {
        Replica b = servingWith(LED_BY_B);
        Effects damaged = step(b, new Event.CopyDamaged("a checksum is wrong"));
        step(b, new Event.StopRequested());
        step(
                b,
                new Event.StateWon(
                        new Versioned<>(damaged.stateWrite().orElseThrow().next(), 10)));
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void whoIsToGoLeavesOnceAllThatStayAreInSyncAndDoesNotJoinAgain() {
        PartitionState moving = UNLED.withReplicas(List.of("a", "b", "c", "d"))
                .withTarget(List.of("d", "b", "c"))
                .withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));
        Replica b = servingWith(moving);
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();

        follow(b, D, COPY_D, 1, 6);
        step(b, new Received(D, new Message.LeaseGrant(3, COPY_D, at())));
        Effects joined = step(b, new Received(D, new Message.AppendAck(3, 1, 6, 6)));

        PartitionState left = moving.withInSync(Set.of(COPY_B, COPY_C, COPY_D));
        assertThat(joined.stateWrite()).contains(new Effects.StateWrite(left, 9));
        assertThat(step(b, new Event.StateWon(new Versioned<>(left, 10))).stateWrite())
                .isEmpty();
        assertThat(step(b, new Received(A, new Message.AppendAck(3, 1, 6, 6))).stateWrite())
                .isEmpty();
    }

    @Test
    void whoHasLeftDoesNotTakeThePlaceOfAnotherThatIsToGo() {
        PartitionState moving = UNLED.withReplicas(List.of("a", "b", "c", "d"))
                .withTarget(List.of("d", "e", "b"))
                .withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_D));
        Replica b = servingWith(moving);

        follow(b, C, COPY_C, 1, 6);
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6)));

        assertThat(written).isEmpty();
    }

    @Test
    void nobodyGoesWhileACopyThatIsToStayIsNotInSync() {
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
    void aMoveToFewerCopiesLetsThoseGoThatAreToAtOnce() {
        PartitionState moving = UNLED.withTarget(List.of("b")).withLeadership(B, 3, Set.of(COPY_A, COPY_B, COPY_C));

        step(servingWith(moving), new Event.Ticked());

        assertThat(written).contains(new Effects.StateWrite(moving.withInSync(Set.of(COPY_B)), 9));
    }

    @Test
    void aLeaderThatIsToGoStaysInSyncUntilItHasHandedOver() {
        PartitionState moving = UNLED.withTarget(List.of("c")).withLeadership(B, 3, Set.of(COPY_B, COPY_C));
        Replica b = servingWith(moving);

        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
    }

    @Test
    void aNewProcessMayHavePromisedSomethingBeforeItBegan() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        lead(b, 3, Set.of(COPY_A, COPY_B), 8);

        now += 1500;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isEmpty();
        now += 600;
        assertThat(step(b, new Event.Ticked()).stateWrite()).isPresent();
    }

    @Test
    void tombstonesBehindACopyThatIsBeingFedFromNothingAreKept() {
        ReplicaOptions options = new ReplicaOptions(B, COPY_B, Set.of(), true, 1000, 100_000, 20, TIMING, 0);
        Replica b = new Replica(options, new RecoveredCopy(ONE_EPOCH, 5, 5, 5, 4, 0, 0));
        step(b, new StateSeen(new Versioned<>(LED_BY_A, 7)));
        lead(b, 3, Set.of(COPY_B), 8);
        assertThat(b.purgeHorizon()).isEqualTo(4);

        follow(b, C, COPY_C, 1, 0);
        step(b, new Received(C, new Message.AppendAck(3, 1, 2, 0)));

        assertThat(b.purgeHorizon()).isEqualTo(2);
    }

    @Test
    void belowMinInsyncNothingIsTakenThoughTheLeaderAloneShallHoldIt() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6)));
        PartitionState joined =
                new PartitionState(0, List.of("a", "b", "c"), B, 3, Set.of(COPY_B, COPY_C), 2, List.of(), null);
        step(b, new Event.StateWon(new Versioned<>(joined, 9)));
        now += 1000;

        RecordDraft draft = new RecordDraft.Tombstone(new byte[] {1});
        assertThat(step(b, new Event.Proposed(new Proposal(1, List.of(draft), Proposal.Acks.LEADER)))
                        .settled())
                .containsExactly(new Effects.Settled(1, Refusal.NOT_ENOUGH_REPLICAS));
    }

    @Test
    void aReadThatNeedsNoLeaderWaitsUntilTheCopyHasComeAsFarAsItsContext() {
        Replica b = streaming();
        step(b, new Received(A, new Message.AppendRecords(2, 1, 5, 8, 8, 0, 0, new Lying())));
        step(b, new Event.RecordsStored());
        assertThat(b.highWatermark()).isEqualTo(5);

        assertThat(step(b, new Event.FollowerReadRequested(1, 1, 5, 100)).settled())
                .containsExactly(new Effects.Settled(1, null));
        assertThat(step(b, new Event.FollowerReadRequested(2, 2, 8, 100)).settled())
                .isEmpty();
        assertThat(step(b, new Synced(8)).settled()).containsExactly(new Effects.Settled(2, null));
        assertThat(b.highWatermarkEpoch()).isEqualTo(2);
    }

    @Test
    void aReadWhoseContextIsNotReachedInTimeIsRefused() {
        Replica b = streaming();

        assertThat(step(b, new Event.FollowerReadRequested(1, 2, 9, 100)).settled())
                .isEmpty();
        now += 100;

        assertThat(step(b, new Event.Ticked()).settled()).containsExactly(new Effects.Settled(1, Refusal.NOT_REACHED));
    }

    @Test
    void aContextThatWasToldOfALostHistoryIsRefusedAtOnce() {
        Replica b = streaming();
        step(b, new Received(A, new Message.AppendRecords(2, 1, 5, 8, 8, 0, 0, new Lying())));
        step(b, new Event.RecordsStored());
        step(b, new Synced(8));

        assertThat(step(b, new Event.FollowerReadRequested(1, 1, 7, 100)).settled())
                .containsExactly(new Effects.Settled(1, Refusal.CONTEXT_LOST));
        assertThat(step(b, new Event.FollowerReadRequested(2, 1, 900, 100)).settled())
                .containsExactly(new Effects.Settled(2, Refusal.CONTEXT_LOST));
        assertThat(step(b, new Event.FollowerReadRequested(3, 1, 5, 100)).settled())
                .containsExactly(new Effects.Settled(3, null));
    }

    @Test
    void aCopyThatMayLackWhatMergingHasDroppedShowsNothingUntilItIsWhole() {
        Replica b = streaming();
        step(b, new Received(A, new Message.AppendRecords(2, 1, 5, 8, 8, 0, 10, new Lying())));
        step(b, new Event.RecordsStored());
        step(b, new Synced(8));

        assertThat(step(b, new Event.FollowerReadRequested(1, 0, 0, 100)).settled())
                .isEmpty();

        step(b, new Received(A, new Message.AppendRecords(2, 1, 8, 10, 10, 0, 10, new Lying())));
        step(b, new Event.RecordsStored());
        assertThat(step(b, new Synced(10)).settled()).containsExactly(new Effects.Settled(1, null));
    }

    @Test
    void aRestartedCopyIsReadOnlyOnceItsHighWatermarkIsPastWhatMergingHasDropped() {
        ReplicaOptions options = new ReplicaOptions(B, COPY_B, Set.of(), true, 1000, 100_000, 20, TIMING, 0);
        Replica b = new Replica(options, new RecoveredCopy(ONE_EPOCH, 9, 9, 3, 0, 7, 0));
        step(b, new StateSeen(new Versioned<>(LED_BY_A, 7)));
        assertThat(step(b, new Event.FollowerReadRequested(1, 0, 0, 1000)).settled())
                .isEmpty();

        step(b, new Received(A, new Message.StreamOpened(2, 1, 9, ONE_EPOCH, false)));
        assertThat(step(b, new Received(A, new Message.Heartbeat(2, new ClockReading(1, 1), 9, 6)))
                        .settled())
                .isEmpty();
        assertThat(b.highWatermark()).isEqualTo(3);

        assertThat(step(b, new Received(A, new Message.Heartbeat(2, new ClockReading(1, 1), 9, 9)))
                        .settled())
                .containsExactly(new Effects.Settled(1, null));
    }

    @Test
    void aLeaderThatWasItselfFedALogWithGapsSaysSoWhenItFeedsThatLog() {
        ReplicaOptions options = new ReplicaOptions(B, COPY_B, Set.of(), true, 1000, 100_000, 20, TIMING, 0);
        Replica b = new Replica(options, new RecoveredCopy(ONE_EPOCH, 5, 5, 5, 0, 4, 0));
        step(b, new StateSeen(new Versioned<>(LED_BY_A, 7)));
        lead(b, 3, Set.of(COPY_B), 8);
        follow(b, C, COPY_C, 1, 2);

        Effects.SendRecords send = step(b, new Received(C, new Message.AppendAck(3, 1, 2, 2)))
                .sendRecords()
                .getFirst();

        assertThat(send.message(5, 0, new Lying()).completeFrom()).isEqualTo(4);
    }

    @Test
    void aCopyThatCannotBeTrustedShowsNothing() {
        Replica b = streaming();
        step(b, new Event.FollowerReadRequested(1, 2, 9, 100));

        assertThat(step(b, new Event.DiskFailed("EIO")).settled())
                .containsExactly(new Effects.Settled(1, Refusal.COPY_FENCED));
    }

    @Test
    void aFollowerThatHasNoRoomSaysSoAtOnceAndUntilItHas() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));
        step(b, new Received(A, new Message.AppendRecords(2, 1, 5, 8, 5, 0, 0, new Lying())));
        assertThat(step(b, new Event.AppendRejected()).sends())
                .containsExactly(new Effects.Send("a", new Message.AppendAck(2, 1, 5, 5, true, false)));

        now += 500;
        step(b, new Event.Ticked());
        assertThat(step(b, new Received(A, new Message.StreamOpened(2, 2, 5, ONE_EPOCH.with(2, 6), false)))
                        .sends())
                .containsExactly(new Effects.Send("a", new Message.AppendAck(2, 2, 5, 5, true, false)));
        step(b, new Received(A, new Message.AppendRecords(2, 2, 5, 8, 5, 0, 0, new Lying())));
        step(b, new Event.RecordsStored());
        assertThat(step(b, new Synced(8)).sends())
                .containsExactly(new Effects.Send("a", new Message.AppendAck(2, 2, 8, 8, false, false)));
    }

    @Test
    void whoHasNoRoomLeavesAtOnceAndIsBackWhenItTakesWhatItIsSent() {
        Replica b = servingWith(LED_BY_B);
        assertThat(step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6, true, false)))
                        .stateWrite())
                .contains(new Effects.StateWrite(LED_BY_B.withInSync(Set.of(COPY_B)), 9));
        Effects left = step(b, new Event.StateWon(new Versioned<>(LED_BY_B.withInSync(Set.of(COPY_B)), 10)));
        assertThat(texts(left)).containsExactly("in sync now: b; c left: has no room for more");
        assertThat(left.stateWrite()).isEmpty();

        assertThat(step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6))).stateWrite())
                .contains(new Effects.StateWrite(LED_BY_B, 10));
    }

    @Test
    void whoHasNoRoomIsNotHandedTheLead() {
        Replica b = servingWith(new PartitionState(0, List.of("a", "b", "c"), B, 3, Set.of(COPY_B, COPY_C), 2));
        step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6, true, false)));

        assertThat(step(b, new Event.StopRequested()).stateWrite()).isEmpty();
    }

    @Test
    void aFollowerThatStopsGoesOnceItsLeaderHasLetItLeave() {
        Replica b = fedFollower();

        assertThat(step(b, new Event.StopRequested()).sends())
                .containsExactly(new Effects.Send("a", new Message.AppendAck(2, 1, 5, 5, false, true)));
        assertThat(b.role()).isEqualTo(new Role.Follower());
        assertThat(step(b, new Event.Ticked()).readState()).isTrue();

        step(b, new StateSeen(new Versioned<>(LED_BY_A.withInSync(Set.of(COPY_A)), 8)));
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void aFollowerThatStopsWaitsForItsLeaderNoLongerThanAGrace() {
        Replica b = fedFollower();
        step(b, new Event.StopRequested());
        now += 900;
        step(b, new Received(A, new Message.Heartbeat(2, at(), 5, 5)));
        now += 900;
        step(b, new Received(A, new Message.Heartbeat(2, at(), 5, 5)));
        assertThat(b.role()).isEqualTo(new Role.Follower());

        now += 200;
        step(b, new Received(A, new Message.Heartbeat(2, at(), 5, 5)));
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void aFollowerThatStopsDoesNotWaitForALeaderThatIsLostAndDoesNotTakeOver() {
        Replica b = fedFollower();
        step(b, new Event.StopRequested());

        assertThat(step(b, new Event.PeerLost("a")).sends()).isEmpty();
        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void aFollowerThatStopsGoesAtOnceWhereItCannotBeLetGo() {
        Replica b =
                follower(new PartitionState(0, List.of("a", "b", "c"), A, 2, Set.of(COPY_A, COPY_B), 2), ONE_EPOCH, 5);
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));

        step(b, new Event.StopRequested());

        assertThat(b.role()).isEqualTo(new Role.Stopped());
    }

    @Test
    void whoStopsLeavesAtOnceAndIsTakenBackAsAnotherProcess() {
        Replica b = servingWith(LED_BY_B);
        assertThat(step(b, new Received(C, new Message.AppendAck(3, 1, 6, 6, false, true)))
                        .stateWrite())
                .contains(new Effects.StateWrite(LED_BY_B.withInSync(Set.of(COPY_B)), 9));
        assertThat(texts(step(b, new Event.StateWon(new Versioned<>(LED_BY_B.withInSync(Set.of(COPY_B)), 10)))))
                .containsExactly("in sync now: b; c left: its node stops");

        NodeIncarnation again = new NodeIncarnation("c", "c-2");
        Message.StreamOpen opens = new Message.StreamOpen(3, 1, COPY_C, ONE_EPOCH.with(3, 6), 6);
        assertThat(step(b, new Received(again, opens)).stateWrite()).contains(new Effects.StateWrite(LED_BY_B, 10));
    }

    private Replica fedFollower() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));
        return b;
    }

    @Test
    void aLeaderSaysWhoIsInSyncNowAndWhyOnceThatIsSettled() {
        Replica b = servingWith(LED_BY_B);
        now += 1500;
        PartitionState alone = LED_BY_B.withInSync(Set.of(COPY_B));
        assertThat(texts(step(b, new Event.Ticked()))).isEmpty();
        assertThat(texts(step(b, new Event.StateWon(new Versioned<>(alone, 10)))))
                .containsExactly("in sync now: b; c left: silent for 1500 ms");

        step(b, new Received(C, new Message.LeaseGrant(3, COPY_C, at())));
        assertThat(texts(step(b, new Event.StateWon(new Versioned<>(LED_BY_B, 11)))))
                .containsExactly("in sync now: b, c; c has caught up");
        assertThat(texts(step(b, new StateSeen(new Versioned<>(LED_BY_B.withSuccessor("c"), 12)))))
                .noneMatch(text -> text.startsWith("in sync"));
    }

    @Test
    void aFollowerSaysOnceWhomItFollowsAndWhetherItIsInSync() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        PartitionState led = UNLED.withLeadership(A, 4, Set.of(COPY_A, COPY_B));

        assertThat(texts(step(b, new StateSeen(new Versioned<>(led, 10)))))
                .containsExactly("follows a in epoch 4, in sync");
        assertThat(texts(step(b, new StateSeen(new Versioned<>(led.withInSync(Set.of(COPY_A, COPY_B, COPY_C)), 11)))))
                .isEmpty();
        assertThat(texts(step(b, new StateSeen(new Versioned<>(led.withInSync(Set.of(COPY_A)), 12)))))
                .containsExactly("follows a in epoch 4, not in sync");
    }

    @Test
    void whoTakesOverSaysFromWhomAndWhy() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Event.PeerLost("a"));
        assertThat(texts(step(b, new Received(C, new Message.PreVoteResponse(2, 1, COPY_C, false, 1, 5)))))
                .containsExactly("takes over from a: its connection broke");

        Replica other = follower(LED_BY_A, ONE_EPOCH, 5);
        silence(other);
        now += 500;
        assertThat(texts(step(other, new Event.Ticked())))
                .containsExactly("takes over from a: it has been silent for 2500 ms");
    }

    @Test
    void whoHandsOverSaysWhy() {
        assertThat(texts(step(servingWith(LED_BY_B), new Event.StopRequested())))
                .containsExactly("hands over to c: the node stops");
        assertThat(texts(step(servingWith(LED_BY_B), new StateSeen(new Versioned<>(LED_BY_B.withSuccessor("c"), 10)))))
                .containsExactly("hands over to c: was asked to");
    }

    private static List<String> texts(Effects effects) {
        return effects.notes().stream().map(Effects.Note::text).toList();
    }

    @Test
    void whenAllInSyncHaveLostTheirProofTheLongestLogLeadsAndSaysSo() {
        Replica b = stranger(5);
        silence(b);

        Effects claim = step(b, new Received(A, new Message.PreVoteResponse(2, 1, STRANGER_A, false, 1, 4)));

        assertThat(claim.stateWrite())
                .contains(new Effects.StateWrite(UNLED.withLeadership(B, 3, Set.of(STRANGER_B)), 7));
        assertThat(claim.notes()).anyMatch(note -> note.warning() && note.text().contains("may be lost"));
    }

    @Test
    void aCopyThatLostItsProofLeavesItToALongerLogForAWhile() {
        Replica b = stranger(5);
        silence(b);

        step(b, new Received(A, new Message.PreVoteResponse(2, 1, STRANGER_A, false, 1, 9)));

        assertThat(b.role()).isEqualTo(new Role.Follower());
    }

    @Test
    void aCopyThatLostItsProofWaitsForOneThatMayHaveAll() {
        Replica b = stranger(5);
        silence(b);
        step(b, new Received(C, new Message.PreVoteResponse(2, 1, COPY_C, false, 1, 4)));
        now += 600;
        step(b, new Event.Ticked());
        now += 600;
        step(b, new Event.Ticked());
        assertThat(b.role()).isEqualTo(new Role.Follower());

        step(b, new Received(A, new Message.PreVoteResponse(2, 2, COPY_A, false, 1, 4)));
        assertThat(b.role()).isEqualTo(new Role.Follower());
    }

    private Replica stranger(long end) {
        ReplicaOptions options = new ReplicaOptions(B, STRANGER_B, Set.of(COPY_B), false, 1000, 100_000, 20, TIMING, 0);
        Replica replica = new Replica(options, new RecoveredCopy(ONE_EPOCH, end, end, Math.min(end, 3), 0, 0, 0));
        step(replica, new StateSeen(new Versioned<>(LED_BY_A, 7)));
        return replica;
    }

    private Replica streaming() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        step(b, new Received(A, new Message.StreamOpened(2, 1, 5, ONE_EPOCH.with(2, 6), false)));
        step(b, new Received(A, new Message.Heartbeat(2, new ClockReading(1, 1), 5, 5)));
        return b;
    }

    private Replica servingAlone() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        lead(b, 3, Set.of(COPY_B), 8);
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
        now += 3000;
        return b;
    }

    /// B serves in epoch 3 and is followed by all that are in sync, and its first state has version 9.
    private Replica servingWith(PartitionState led) {
        return servingWith(led, 1000);
    }

    private Replica servingWith(PartitionState led, long maxInFlightBytes) {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5, maxInFlightBytes);
        now += 3000;
        step(b, new StateSeen(new Versioned<>(led, 9)));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());
        step(b, new Synced(6));
        for (CopyId copy : led.inSync()) {
            NodeIncarnation incarnation = new NodeIncarnation(copy.node(), copy.node() + "-1");
            if (!copy.equals(COPY_B)) {
                follow(b, incarnation, copy, 1, 6);
                step(b, new Received(incarnation, new Message.LeaseGrant(3, copy, at())));
                step(b, new Received(incarnation, new Message.AppendAck(3, 1, 6, 6)));
            }
        }
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
        return b;
    }

    private void writeUnsynced(Replica b) {
        step(b, new Event.Proposed(removal(1)));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());
        step(b, new Synced(8));
    }

    private static Proposal removal(long token) {
        return new Proposal(token, List.of(new RecordDraft.Tombstone(new byte[] {1})));
    }

    private static Proposal put(long token, int bytes) {
        return new Proposal(token, List.of(new RecordDraft.Put(new byte[] {1}, new byte[bytes], 0)));
    }

    private Replica follower(PartitionState state, EpochHistory epochs, long end) {
        return follower(state, epochs, end, 1000);
    }

    private Replica follower(PartitionState state, EpochHistory epochs, long end, long maxInFlightBytes) {
        ReplicaOptions options =
                new ReplicaOptions(B, COPY_B, Set.of(), true, maxInFlightBytes, 100_000, 20, TIMING, 0);
        Replica replica = new Replica(options, new RecoveredCopy(epochs, end, end, Math.min(end, 3), 0, 0, 0));
        step(replica, new StateSeen(new Versioned<>(state, 7)));
        return replica;
    }

    /// The controller, say, elects it, and its MARK is written and synced.
    private void lead(Replica b, int epoch, Set<CopyId> inSync, int version) {
        step(b, new StateSeen(new Versioned<>(UNLED.withLeadership(B, epoch, inSync), version)));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());
        step(b, new Synced(6));
    }

    private void follow(Replica b, NodeIncarnation incarnation, CopyId copy, long stream, long end) {
        EpochHistory epochs = end > 5 ? ONE_EPOCH.with(3, 6) : ONE_EPOCH;
        step(b, new Received(incarnation, new Message.StreamOpen(3, stream, copy, epochs, end)));
    }

    /// Ticks until the grace has passed.
    private Effects silence(Replica b) {
        for (int i = 0; i < 19; i++) {
            now += 100;
            step(b, new Event.Ticked());
        }
        now += 100;
        return step(b, new Event.Ticked());
    }

    private Effects step(Replica replica, Event event) {
        Effects effects = replica.step(event, at());
        effects.stateWrite().ifPresent(written::add);
        return effects;
    }

    private ClockReading at() {
        return new ClockReading(now, now);
    }
}
